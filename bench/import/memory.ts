import { setTimeout as sleep } from 'node:timers/promises';
import type { Sundial } from '../stack/sundial';

/** Resident megabytes of a process: before, the most that was seen, and afterwards. */
export interface Memory extends Readonly<Record<string, number>> {
  readonly before: number;
  /** The most within the first half, which is what a process grows to, and within the second. */
  readonly firstHalf: number;
  readonly secondHalf: number;
}

export interface MemoryWatch {
  /** Stops looking. */
  end(): Promise<{ worker: Memory; api: Memory }>;
}

const LOOK_EVERY_MS = 1_000;

/** Looks at the memory of both processes until it is ended. */
export async function watchMemory(sundial: Sundial): Promise<MemoryWatch> {
  const seen: { worker: number; api: number }[] = [];
  const ended = new AbortController();
  async function look(): Promise<void> {
    const [worker, api] = await Promise.all([sundial.workerUsage(), sundial.apiUsage()]);
    seen.push({ worker: worker.memoryMb, api: api.memoryMb });
  }
  async function watch(): Promise<void> {
    while (!ended.signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
      await look();
    }
  }
  await look();
  const watching = watch();
  // Told by `end`: until then a failure must not look unheard.
  watching.catch(() => undefined);
  return {
    async end() {
      ended.abort();
      await watching;
      return {
        worker: memoryOf(seen.map(({ worker }) => worker)),
        api: memoryOf(seen.map(({ api }) => api)),
      };
    },
  };
}

function memoryOf([before = 0, ...later]: readonly number[]): Memory {
  const half = Math.ceil(later.length / 2);
  return {
    before,
    firstHalf: Math.max(before, ...later.slice(0, half)),
    secondHalf: Math.max(0, ...later.slice(half)),
  };
}
