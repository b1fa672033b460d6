import { CHANNEL_CODES } from '../domain/delivery/channel';
import { STATE_CODES } from '../domain/delivery/state';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { mendCounters } from './counter-check';
import { settle } from './ledger-outcomes';
import { ensureDeliveryPartition } from './partitions';
import { readTotals } from './totals';

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
  await ensureDeliveryPartition(db, DAY);
  await db.pool.query(
    `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, created_by)
     values ('s1', 1, 'Test', 'once', 'email', '{}', 'scheduled', 'test')`,
  );
});
afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const DAY = '2026-12-01';
const NOW = Date.parse('2026-12-01T09:00:00Z');
const OWNER = '00000000-0000-4000-8000-000000000001';

let nominals = 0;

async function openOccurrence(): Promise<string> {
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
     values (1, 's1', 1, $1, $2, 'completed', now()) returning id`,
    [`at-${(nominals += 1)}`, DAY],
  );
  return rows[0]?.id ?? '';
}

/** Claims so many people from `first` on and settles them as sent. */
async function send(
  occurrenceId: string,
  slot: number,
  first: number,
  people: number,
  provider = 'smtp',
): Promise<void> {
  const key = { day: DAY, occurrenceId, step: '' };
  const rids = Array.from({ length: people }, (_, n) => String(first + n));
  await db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, channel, zone_source, zone, due, owner, lease_until)
     select $1, $2, rid, $3, $4, 0, 'UTC', now(), $5, now() + interval '1 hour' from unnest($6::bigint[]) rid`,
    [DAY, occurrenceId, STATE_CODES.claimed, CHANNEL_CODES.email, OWNER, rids],
  );
  const outcomes = rids.map((rid) => ({
    rid,
    state: STATE_CODES.sent,
    reason: null,
    attempts: 1,
    locale: 'en',
    settledAt: NOW,
    channel: 'email' as const,
    provider,
    steps: [],
  }));
  const settled = await settle(db, key, slot, outcomes, OWNER);
  expect(settled).toHaveLength(people);
}

const sentByMail = async (): Promise<number | undefined> =>
  (await readTotals(db)).outcomes.find(({ channel }) => channel === 'email')?.sent;

const sentBy = async (provider: string): Promise<number> =>
  (await readTotals(db)).outcomes.find((one) => one.provider === provider)?.sent ?? 0;

describe('the totals', () => {
  it('grow with the counters of every occurrence, in the statement that settles', async () => {
    const [first, second] = [await openOccurrence(), await openOccurrence()];
    await Promise.all([
      send(first, 1, 1, 20),
      send(first, 1, 101, 20),
      send(second, 1, 1, 30),
      send(second, 2, 101, 30),
    ]);
    expect(await sentByMail()).toBe(100);
  });

  it('follow a counter that the steward mends', async () => {
    const before = (await sentByMail()) ?? 0;
    const occurrenceId = await openOccurrence();
    await send(occurrenceId, 3, 1, 10);
    await db.pool.query('update counter set count = count + 5 where occurrence_id = $1', [occurrenceId]);
    expect(await sentByMail()).toBe(before + 15);
    expect(await mendCounters(db, { occurrenceId, day: DAY }, NOW)).toMatchObject([{ people: -5 }]);
    expect(await sentByMail()).toBe(before + 10);
  });

  it('keep what was counted when old counters are deleted', async () => {
    const before = await sentByMail();
    await db.pool.query('delete from counter');
    expect(await sentByMail()).toBe(before);
  });

  it('tell what other providers than the first of a channel carried', async () => {
    const before = await sentBy('smtp');
    await send(await openOccurrence(), 1, 1, 20);
    await send(await openOccurrence(), 1, 1, 5, 'smtp-2');
    await send(await openOccurrence(), 2, 1, 5, 'smtp-2');
    expect([(await sentBy('smtp')) - before, await sentBy('smtp-2')]).toEqual([20, 10]);
  });
});
