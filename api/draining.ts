import { MINUTE, SECOND } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import { isDatabaseUnavailable } from '../store/unavailable';

/** Carries what was committed to Temporal, in the background. */
export interface Draining {
  /** Something was committed: drain now. */
  readonly written: () => void;
  /** Ends when the drain under way has ended. */
  readonly stop: () => Promise<void>;
}

export interface DrainingDeps {
  readonly logger: Pick<Logger, 'warn'>;
  /** For the log. */
  readonly what: string;
  /** Delivers up to `limit` of them; those that are left could not be delivered. */
  readonly drain: (limit: number) => Promise<{ done: number; left: number }>;
}

const BATCH = 50;
/** How often is looked without being told: another process may have died with something in hand. */
const IDLE_MS = 5 * SECOND;
const FIRST_RETRY_MS = SECOND;
const LONGEST_RETRY_MS = MINUTE / 2;

/** Starts draining. While Temporal or Postgres is away it keeps trying, ever less often. */
export function startDraining({ logger, what, drain }: DrainingDeps): Draining {
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
    current = drainBatch().finally(() => {
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

  async function drainBatch(): Promise<void> {
    try {
      const { done, left } = await drain(BATCH);
      if (done === BATCH) again = true;
      failures = left === 0 ? 0 : failures + 1;
    } catch (error) {
      failures += 1;
      const reason = isDatabaseUnavailable(error)
        ? 'database'
        : error instanceof Error
          ? error.name
          : 'unknown';
      logger.warn({ reason, failures }, `${what} could not be read`);
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
