import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND } from '../../domain/time/instant';
import type { Connections, Timed } from './connections';

/**
 * Sends `count` bodies at a fixed rate, whether or not those before are answered: whoever waits for an answer before it
 * sends again measures how fast it is itself. Times are from the arrival as it was planned.
 */
export async function atFixedRate(
  connections: Connections,
  count: number,
  perSecond: number,
  bodyOf: (n: number) => string,
  interrupted: AbortSignal,
): Promise<Timed[]> {
  const began = performance.now();
  const answers: Promise<Timed>[] = [];
  while (answers.length < count) {
    interrupted.throwIfAborted();
    const due = Math.min(count, Math.floor(((performance.now() - began) / SECOND) * perSecond));
    while (answers.length < due) {
      const planned = began + (answers.length / perSecond) * SECOND;
      const lateMs = performance.now() - planned;
      const answered = connections.post(bodyOf(answers.length));
      answers.push(answered.then(({ status, ms }) => ({ status, ms: ms + lateMs })));
    }
    await sleep(1);
  }
  return Promise.all(answers);
}
