import { z } from 'zod';
import { REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import type { World } from '../world/world';
import { insist } from './campaigns';
import { untilRest } from './rest';

/** After so many times what is left has another reason than the faults. */
const MOST_TIMES = 3;

const decided = z.object({ people: z.int() });

/**
 * Does what an operator would when the faults are over: has what failed for want of a mail server sent once more, and
 * what nobody knows of as well. Returns how many people that concerned.
 */
export async function makeAmends(world: World): Promise<{ replayed: number; resent: number }> {
  const sum = { replayed: 0, resent: 0 };
  for (let time = 0; time < MOST_TIMES && (await areLeft(world)); time += 1) {
    for (const id of world.schedules.values()) {
      sum.replayed += await post(world, '/v1/dead-letters/replay', {
        scheduleId: id,
        reason: 'provider-unavailable',
      });
      // Asked for twice, it is done once.
      await post(world, '/v1/dead-letters/replay', { scheduleId: id, reason: 'provider-unavailable' });
      sum.resent += await post(world, `/v1/schedules/${id}/deliveries/decide`, { decision: 'resend' });
    }
    await untilRest(world);
  }
  return sum;
}

async function areLeft({ db }: World): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    'select from delivery where state = $1 or (state = $2 and reason = $3) limit 1',
    [STATE_CODES.unknown, STATE_CODES.failed, REASON_CODES['provider-unavailable']],
  );
  return rowCount === 1;
}

async function post(world: World, route: string, body: object): Promise<number> {
  const { people } = await insist(world, (api) => api.ask({ method: 'POST', route, body, answer: decided }));
  return people;
}
