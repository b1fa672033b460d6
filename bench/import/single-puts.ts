import { z } from 'zod';
import { SECOND } from '../../domain/time/instant';
import type { ApiClient } from '../../temporal-dev/demo/api-client';
import { rounded } from '../rounded';
import { rowOf } from './people-file';

const AT_ONCE = 20;

/** How many people a second come in without a file: a PUT each, twenty at a time. */
export async function putSingly(api: ApiClient, count: number, interrupted: AbortSignal): Promise<number> {
  const started = performance.now();
  let next = 0;
  async function putNext(): Promise<void> {
    while (next < count) {
      interrupted.throwIfAborted();
      const { id, email, timeZone, locale, firstName, plan, visits } = rowOf(next);
      next += 1;
      await api.ask({
        method: 'PUT',
        route: `/v1/recipients/single-${id}`,
        body: { email, timeZone, locale, attributes: { first_name: firstName, plan, visits } },
        answer: z.unknown(),
      });
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, putNext));
  return rounded(count / ((performance.now() - started) / SECOND), 1);
}
