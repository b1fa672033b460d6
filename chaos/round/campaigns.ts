import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { formatInstant, type Instant, SECOND } from '../../domain/time/instant';
import { ApiAway, type ApiClient, ApiRefusal, createApiClient } from '../../temporal-dev/demo/api-client';
import { createSchedule } from '../../temporal-dev/demo/schedule-client';
import { type CampaignName, CAMPAIGNS } from '../evidence/evidence';
import { until } from '../world/until';
import type { World } from '../world/world';

/** Time for both to be planned and armed before their instant. */
const AHEAD_MS = 5 * SECOND;
const AHEAD_MS_A_PERSON = 0.2;

/** How long an API may be away, killed or without its Postgres. */
const ANSWERED_WITHIN_MS = 90 * SECOND;

/** Asks for two campaigns to everybody at one instant, each with a cap of one message a day, and returns the instant. */
export async function launchCampaigns(world: World, people: number): Promise<Instant> {
  const at = Math.ceil((Date.now() + AHEAD_MS + people * AHEAD_MS_A_PERSON) / SECOND) * SECOND;
  for (const name of CAMPAIGNS) {
    const { id } = await createSchedule(apiOf(world), {
      name,
      channel: 'email',
      content: { subject: name, body: 'Here they are: the news of the day, and nothing else.' },
      scheduleType: 'once',
      timeZoneMode: 'fixed',
      runAt: formatInstant(at),
      maxPerUserPerDay: 1,
    });
    world.schedules.set(name, id);
  }
  return at;
}

export async function pauseCampaign(world: World, name: CampaignName, forMs: number): Promise<void> {
  await command(world, name, 'pause');
  await sleep(forMs);
  await command(world, name, 'resume');
}

function command(world: World, name: CampaignName, verb: 'pause' | 'resume'): Promise<unknown> {
  return insist(world, async (api) => {
    try {
      const route = `/v1/schedules/${world.schedules.get(name)}/${verb}`;
      await api.ask({ method: 'POST', route, answer: z.unknown() });
    } catch (error) {
      // A campaign that is over is neither paused nor resumed.
      if (!(error instanceof ApiRefusal && error.status === 409)) throw error;
    }
    return 'obeyed';
  });
}

/** Asks until the API answers. */
export async function insist<T>(world: World, ask: (api: ApiClient) => Promise<T>): Promise<T> {
  const { answer } = await until(
    'the API answers',
    async () => {
      try {
        return { answer: await ask(apiOf(world)) };
      } catch (error) {
        if (error instanceof ApiAway) return undefined;
        throw error;
      }
    },
    { withinMs: ANSWERED_WITHIN_MS, interrupted: world.interrupted },
  );
  return answer;
}

function apiOf({ crew, stack }: World): ApiClient {
  return createApiClient(crew.apiUrl(), stack.adminKey);
}
