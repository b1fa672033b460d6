import { z } from 'zod';
import { readStanding } from '../../temporal-dev/demo/schedule-client';
import { insist } from '../round/campaigns';
import type { World } from '../world/world';
import type { Count } from './evidence';
import { countsOf } from './tally';

const metrics = z.record(z.string(), z.unknown());

/** What people see: the counts of an occurrence, and the metrics of a schedule. */
export async function askForCounts(world: World): Promise<Count[]> {
  const counts: Count[] = [];
  for (const [campaign, id] of world.schedules) {
    const standing = await insist(world, (api) => readStanding(api, id));
    counts.push(
      ...countsOf(
        'the API',
        Object.entries(standing.counts).map(([state, people]) => ({ campaign, state, people })),
      ),
    );
    const route = `/v1/notifications/metrics?scheduleId=${id}`;
    const figures = await insist(world, (api) => api.ask({ method: 'GET', route, answer: metrics }));
    counts.push(shownBy(campaign, figures));
  }
  return counts;
}

/** `considered` as it is shown, and not as a sum of ours. */
function shownBy(campaign: string, { considered, ...figures }: Record<string, unknown>): Count {
  const states = Object.entries(figures).filter(([, people]) => typeof people === 'number' && people > 0);
  return {
    by: 'the metrics',
    campaign,
    considered: Number(considered),
    states: Object.fromEntries(states.map(([state, people]) => [state, Number(people)])),
  };
}
