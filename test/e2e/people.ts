import { randomUUID } from 'node:crypto';
import { eventually } from '../eventually';
import type { Sundial } from './sundial';

/** A mail domain that no other test writes to. */
export function ownDomain(): string {
  return `${randomUUID()}.example.com`;
}

/** Puts people through the API: `{ ada: 'Test/Plus00s' }` becomes ada@domain in that zone. */
export async function putPeople(
  sundial: Sundial,
  domain: string,
  zoneOf: Record<string, string>,
): Promise<void> {
  for (const [id, timeZone] of Object.entries(zoneOf)) {
    const body = { email: `${id}@${domain}`, timeZone, attributes: { first_name: id } };
    const { status } = await sundial.call('PUT', `/v1/recipients/${id}`, body);
    expect(status).toBe(201);
  }
}

/** Creates a schedule of mails to everybody and returns its id. */
export async function postSchedule(sundial: Sundial, fields: Record<string, unknown>): Promise<string> {
  const { status, body } = await sundial.call('POST', '/v1/schedules', {
    name: 'End to end',
    channel: 'email',
    content: { subject: 'For {{first_name}}', body: 'Hello {{first_name}}.' },
    ...fields,
  });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.id;
}

/** Waits until the schedule has the status, by the API. */
export async function untilStatus(
  sundial: Sundial,
  scheduleId: string,
  status: string,
  withinMs = 60_000,
): Promise<void> {
  await eventually(
    `schedule ${status}`,
    async () => (await sundial.call('GET', `/v1/schedules/${scheduleId}`)).body.status === status,
    { withinMs, everyMs: 100 },
  );
}

export interface Delivered {
  recipient: string;
  outcome: string;
  reason: string | null;
  timeZone: string;
  adjusted: string | null;
  dueAt: string;
  latenessMs: number | null;
}

/** The answers of the schedule's ledger, by person. */
export async function deliveriesOf(sundial: Sundial, scheduleId: string): Promise<Record<string, Delivered>> {
  const { body } = await sundial.call('GET', `/v1/schedules/${scheduleId}/deliveries?limit=200`);
  const items = body.items as Delivered[];
  return Object.fromEntries(items.map((item) => [item.recipient, item]));
}
