import { isDatabaseUnavailable } from '../store/unavailable';
import { LARGEST_SUB_BATCH } from './pace';

/** Gathers outcomes and writes them in sub-batches: as many as are claimed at once, or 100 ms after the first. */
export interface Recorder<Outcome> {
  add(outcome: Outcome): void;
  /** Resolves when all that was added is written. @throws what a write failed with */
  drain(): Promise<void>;
}

const WITHIN_MS = 100;

/** Waits between tries, the last one again and again while Postgres is away. */
const RETRY_AFTER_MS = [100, 400, 1_600, 3_200];
const LONGEST_MS = 3_200;

/**
 * A message that was sent and not recorded is sent again: an absence of Postgres is outlasted for as long as nobody
 * calls the page off (`stop`), which keeps its claims by its heartbeat meanwhile.
 */
export function createRecorder<Outcome>(
  write: (outcomes: readonly Outcome[]) => Promise<void>,
  sleep: (ms: number) => Promise<void>,
  stop: AbortSignal,
): Recorder<Outcome> {
  let waiting: Outcome[] = [];
  let timer: NodeJS.Timeout | undefined;
  let written: Promise<void> = Promise.resolve();
  let failure: { error: unknown } | undefined;

  async function persist(batch: readonly Outcome[]): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        await write(batch);
        return;
      } catch (error) {
        const lasting = isDatabaseUnavailable(error) && !stop.aborted;
        if (tries >= RETRY_AFTER_MS.length && !lasting) throw error;
        await sleep(RETRY_AFTER_MS[tries] ?? LONGEST_MS);
      }
    }
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    written = written
      .then(() => persist(batch))
      .catch((error: unknown) => {
        failure ??= { error };
      });
  }

  return {
    add(outcome) {
      waiting.push(outcome);
      if (waiting.length >= LARGEST_SUB_BATCH) flush();
      else timer ??= setTimeout(flush, WITHIN_MS);
    },
    async drain() {
      flush();
      await written;
      if (failure) throw failure.error;
    },
  };
}
