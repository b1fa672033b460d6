import { setTimeout as sleep } from 'node:timers/promises';
import { ChaosStopped } from '../stopped';

const LOOK_EVERY_MS = 100;

/** Asks until the answer is neither undefined nor false. @throws ChaosStopped when there is none in time */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { withinMs, interrupted }: { withinMs: number; interrupted: AbortSignal },
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    interrupted.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline)
      throw new ChaosStopped(`Not within ${Math.round(withinMs / 1_000)} s: ${what}.`);
    await sleep(LOOK_EVERY_MS);
  }
}
