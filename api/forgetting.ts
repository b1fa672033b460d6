import { HOUR, MINUTE } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import type { Queries } from '../store/database';
import { forgetExpired } from '../store/idempotency';
import { dropForgottenBlocks } from '../store/job-blocks';
import { forgetDedupeKeys } from '../store/messages/dedupe';
import { isDatabaseUnavailable } from '../store/unavailable';

const EVERY_MS = 10 * MINUTE;
const BATCH = 1_000;

interface ForgettingDeps {
  readonly db: Queries;
  readonly clock: () => Instant;
  readonly logger: Logger;
}

/**
 * Forgets expired answers and keys of messages now and then, so that none outlives its day by much, and files that came
 * in for nothing: their request died on the way. Any number of processes may do it.
 */
export function startForgetting(deps: ForgettingDeps): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let current = forget();

  async function forget(): Promise<void> {
    const pause = (await forgetBatch(deps)) === BATCH ? 0 : EVERY_MS;
    if (stopped) return;
    timer = setTimeout(() => {
      current = forget();
    }, pause);
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}

/** A file to which nothing was added for so long, and of which there is no job, is nobody's. */
const ABANDONED_MS = HOUR;

/** How many answers or keys were forgotten, whichever are more; none while Postgres is away. */
async function forgetBatch({ db, clock, logger }: ForgettingDeps): Promise<number> {
  try {
    await dropForgottenBlocks(db, new Date(clock() - ABANDONED_MS));
    const keys = await forgetDedupeKeys(db, new Date(clock()), BATCH);
    return Math.max(keys, await forgetExpired(db, new Date(clock()), BATCH));
  } catch (error) {
    const reason = isDatabaseUnavailable(error) ? 'database' : 'unknown';
    logger.warn({ reason }, 'what has expired could not be forgotten yet');
    return 0;
  }
}
