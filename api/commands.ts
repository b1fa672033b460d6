import type { Client } from '@temporalio/client';
import { createTell } from '../commands/tell';
import { MINUTE, SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import type { Database } from '../store/database';
import { drainCommands } from '../store/outbox';
import { isDatabaseUnavailable } from '../store/unavailable';

/** Carries committed commands from the outbox to the workflows of their schedules. */
export interface Commands {
  /** A command was committed: drain now. */
  readonly written: () => void;
  /** Ends when the drain under way has ended. */
  readonly stop: () => Promise<void>;
}

export interface CommandDeps {
  readonly db: Database;
  readonly temporal: Client;
  readonly logger: Logger;
  readonly clock: () => Instant;
}

const BATCH = 50;
/** How often the outbox is looked at without being told: another process may have died with a command in hand. */
const IDLE_MS = 5 * SECOND;
const FIRST_RETRY_MS = SECOND;
const LONGEST_RETRY_MS = MINUTE / 2;

/** Starts draining. While Temporal or Postgres is away it keeps trying, ever less often. */
export function startCommands(deps: CommandDeps): Commands {
  const { db, logger, clock } = deps;
  const tell = createTell(deps);
  let stopped = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | null = null;
  let again = false;

  function written(): void {
    if (stopped) return;
    if (current) {
      again = true;
      return;
    }
    clearTimeout(timer);
    current = drain().finally(() => {
      current = null;
      if (stopped) return;
      if (again) {
        again = false;
        written();
      } else {
        timer = setTimeout(written, failures === 0 ? IDLE_MS : retryMs(failures));
      }
    });
  }

  async function drain(): Promise<void> {
    try {
      const { done, left } = await drainCommands(db, BATCH, tell, () => new Date(clock()));
      if (done === BATCH) again = true;
      failures = left === 0 ? 0 : failures + 1;
    } catch (error) {
      failures += 1;
      const reason = isDatabaseUnavailable(error)
        ? 'database'
        : error instanceof Error
          ? error.name
          : 'unknown';
      logger.warn({ reason, failures }, 'the outbox could not be read');
    }
  }

  written();
  return {
    written,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}

function retryMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
}
