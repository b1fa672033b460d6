import { z } from 'zod';
import { type ApiClient, ApiRefusal } from './api-client';
import { listAll } from './list-all';

const schedule = z.object({
  id: z.string(),
  status: z.string(),
  links: z.object({ temporalUi: z.string().optional() }).default({}),
});

const occurrences = z.object({ items: z.array(z.object({ counts: z.record(z.string(), z.int()) })) });

const delivery = z.object({
  outcome: z.string(),
  timeZone: z.string(),
  latenessMs: z.number().nullable(),
});

export type DemoSchedule = z.output<typeof schedule>;
export type Delivery = z.output<typeof delivery>;

/** How far a schedule is: its status, and people by state. */
export interface Standing {
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
}

export function createSchedule(api: ApiClient, body: object): Promise<DemoSchedule> {
  return api.ask({ method: 'POST', route: '/v1/schedules', answer: schedule, body });
}

export async function readStanding(api: ApiClient, id: string): Promise<Standing> {
  // The status first: counts that are read after the end are whole.
  const { status } = await api.ask({ method: 'GET', route: `/v1/schedules/${id}`, answer: schedule });
  const route = `/v1/schedules/${id}/occurrences`;
  const { items } = await api.ask({ method: 'GET', route, answer: occurrences });
  return { status, counts: items[0]?.counts ?? {} };
}

/** Answers whether there was anything left to cancel. */
export async function cancelSchedule(api: ApiClient, id: string): Promise<'cancelled' | 'over'> {
  try {
    await api.ask({ method: 'POST', route: `/v1/schedules/${id}/cancel`, answer: schedule });
    return 'cancelled';
  } catch (error) {
    if (error instanceof ApiRefusal && error.status === 409) return 'over';
    throw error;
  }
}

export function readDeliveries(api: ApiClient, id: string): AsyncIterable<Delivery> {
  return listAll(api, `/v1/schedules/${id}/deliveries`, delivery);
}
