import { setTimeout as sleep } from 'node:timers/promises';
import { faultOf } from '../domain/delivery/faults';
import type { FaultyAnswer, Faults } from '../domain/delivery/faults';
import type { Channel, SendResult } from './channel';

/** Messages whose attempts are counted at once; of those that never come to an end the oldest are forgotten. */
const MOST_REMEMBERED = 100_000;

/**
 * Accepts everything and sends nothing: for benches, and for trying a schedule out.
 * @param faults how it fails on purpose; null: never.
 */
export function createNoopChannel(faults: Faults | null = null): Channel {
  return {
    name: 'noop',
    provider: 'noop',
    concurrency: 100,
    send: faults === null ? () => Promise.resolve({ kind: 'accepted' }) : createFaultySend(faults),
    close: () => Promise.resolve(),
  };
}

function createFaultySend(faults: Faults): Channel['send'] {
  const attempts = new Map<string, number>();

  return async ({ id }) => {
    const attempt = attempts.get(id) ?? 0;
    attempts.delete(id);
    const { answer, latencyMs } = faultOf(faults, id, attempt);
    if (answer.kind !== 'accepted' && answer.kind !== 'rejected') {
      attempts.set(id, attempt + 1);
      if (attempts.size > MOST_REMEMBERED) attempts.delete(attempts.keys().next().value ?? id);
    }
    if (latencyMs > 0) await sleep(latencyMs);
    return resultOf(answer);
  };
}

function resultOf(answer: FaultyAnswer): SendResult {
  return answer.kind === 'rejected' ? { kind: 'rejected', reason: 'rejected-message' } : answer;
}
