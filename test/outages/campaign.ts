import type { Database } from '../../store/database';
import { eventually } from '../eventually';
import { seedPeople } from '../people';
import { call } from './client';
import type { Answer } from './client';
import { ledgerOf } from './ledger';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';

const DEFAULT_TENANT = 1;

/** A schedule to people of its own. */
export interface Campaign {
  readonly scheduleId: string;
  /** Their addresses, in the order of their rids. */
  readonly addresses: readonly string[];
}

/** How long a campaign may take, its outage and the leases of the dead included, on a machine with much to do. */
const WITHIN_MS = 180_000;

/** Puts so many people into Postgres, whom an audience query `{ campaign: name }` finds. Returns their addresses. */
export async function seedAudience(
  { keyRing }: Pick<OwnStack, 'keyRing'>,
  db: Database,
  name: string,
  count: number,
): Promise<string[]> {
  const people = Array.from({ length: count }, (_, n) => ({
    id: `${name}-${n}`,
    email: `p${n}@${name}.example.com`,
    attributes: { campaign: name },
  }));
  await seedPeople(db, keyRing, DEFAULT_TENANT, people);
  return people.map(({ email }) => email);
}

/** Posts a schedule of mails to those people, a second ahead unless the fields say otherwise. */
export function postCampaign(
  stack: Pick<OwnStack, 'adminKey'>,
  api: Pick<OwnApi, 'url'>,
  name: string,
  fields: Record<string, unknown> = {},
): Promise<Answer> {
  return call(stack, api, 'POST', '/v1/schedules', {
    name,
    channel: 'email',
    content: { subject: 'News', body: 'Here they are.' },
    audienceQuery: { campaign: name },
    delay: 'PT1S',
    ...fields,
  });
}

/** Seeds people and posts a schedule to them. */
export async function launchCampaign(
  stack: OwnStack,
  db: Database,
  api: OwnApi,
  name: string,
  count: number,
  fields: Record<string, unknown> = {},
): Promise<Campaign> {
  const addresses = await seedAudience(stack, db, name, count);
  const { status, body } = await postCampaign(stack, api, name, fields);
  expect([status, body]).toEqual([201, expect.objectContaining({ id: expect.any(String) })]);
  return { scheduleId: body.id, addresses };
}

/** Waits until at least so many people have been sent to, and returns how many it were. */
export function untilSent(
  db: Database,
  { scheduleId }: Pick<Campaign, 'scheduleId'>,
  atLeast: number,
): Promise<number> {
  return eventually(
    `${atLeast} people have been sent to`,
    async () => {
      const { sent = 0 } = await ledgerOf(db, scheduleId);
      return sent >= atLeast && sent;
    },
    { withinMs: WITHIN_MS },
  );
}

export function untilStatus(
  stack: OwnStack,
  api: OwnApi,
  { scheduleId }: Pick<Campaign, 'scheduleId'>,
  status: string,
): Promise<unknown> {
  return eventually(
    `the schedule is ${status}`,
    async () => (await call(stack, api, 'GET', `/v1/schedules/${scheduleId}`)).body.status === status,
    { withinMs: WITHIN_MS, everyMs: 100 },
  );
}

/** Holds a campaign to its promise: everybody has one row that says sent, and what is counted adds up to them. */
export async function expectAllSent(
  stack: OwnStack,
  db: Database,
  api: OwnApi,
  { scheduleId, addresses }: Campaign,
): Promise<void> {
  expect(await ledgerOf(db, scheduleId)).toEqual({ sent: addresses.length });
  const { body } = await call(stack, api, 'GET', `/v1/schedules/${scheduleId}/occurrences`);
  expect(body.items).toEqual([
    expect.objectContaining({ state: 'completed', counts: { sent: addresses.length } }),
  ]);
}
