import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SECOND } from '../../domain/time/instant';
import type { ApiClient } from '../../temporal-dev/demo/api-client';
import { BenchStopped } from '../bench';

const accepted = z.object({ id: z.string() });
const outcome = z.object({ status: z.string(), settledAt: z.string().nullable() });

const APART_MS = 100;
const PATIENCE_MS = 10 * SECOND;

/**
 * Sends messages one by one, nothing else going on: milliseconds from the 202 until the provider accepted each.
 */
export async function sendImmediately(
  api: ApiClient,
  count: number,
  bodyOf: (n: number) => object,
  interrupted: AbortSignal,
): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < count; n += 1) {
    interrupted.throwIfAborted();
    const { id } = await api.ask({
      method: 'POST',
      route: '/v1/messages',
      body: bodyOf(n),
      answer: accepted,
    });
    const answeredAt = Date.now();
    const sentAt = await untilSent(api, id);
    took.push(Math.max(0, sentAt - answeredAt));
    await sleep(APART_MS);
  }
  return took;
}

async function untilSent(api: ApiClient, id: string): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { status, settledAt } = await api.ask({
      method: 'GET',
      route: `/v1/messages/${id}`,
      answer: outcome,
    });
    if (status === 'sent' && settledAt !== null) return Date.parse(settledAt);
    if (Date.now() > deadline) throw new BenchStopped(`A message that is due now is ${status} after 10 s.`);
    await sleep(20);
  }
}
