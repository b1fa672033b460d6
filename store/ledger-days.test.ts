import { STATE_CODES } from '../domain/delivery/state';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { seedMessages } from '../test/messages';
import { openDatabase } from './database';
import type { Database } from './database';
import { dropDay, droppedAt, holdDay, listDaysBefore } from './ledger-days';
import { ensureDeliveryPartition } from './partitions';
import { inTransaction } from './transaction';

const DAY = '2026-10-01';
const NEXT = '2026-10-02';
const NOW = new Date('2026-11-20T12:00:00Z');
const OLD = { quietSince: new Date('2026-10-21T12:00:00Z'), now: NOW, patienceMs: 100 };

let fresh: FreshDatabase;
let db: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url, { maxConnections: 5 });
  await ensureDeliveryPartition(db, DAY);
  await ensureDeliveryPartition(db, NEXT);
});
afterEach(async () => {
  await db.close();
  await fresh.drop();
});

const sql = (text: string, ...values: unknown[]) => db.pool.query<{ id: string }>(text, values);

interface Firing {
  state: string;
  closedAt: string | null;
  countedAt: string | null;
}

const CLOSED: Firing = {
  state: 'completed',
  closedAt: '2026-10-01T20:00:00Z',
  countedAt: '2026-10-01T20:01:00Z',
};

/** An occurrence of the day with one person. */
async function occurrence(firing: Partial<Firing> = {}, person: keyof typeof STATE_CODES = 'sent') {
  const { state, closedAt, countedAt } = { ...CLOSED, ...firing };
  await sql(
    `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, created_by)
     values ('s1', 1, 'x', 'once', 'email', '{}', 'completed', 'test') on conflict do nothing`,
  );
  const { rows } = await sql(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at, closed_at, counted_at)
     values (1, 's1', 1, $1, $2::date, $3, $2::date, $4, $5) returning id`,
    `${DAY}T09:00:00`,
    DAY,
    state,
    closedAt,
    countedAt,
  );
  await sql(
    `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due) values ($1::date, $2, 1, $3, 0, 'UTC', $1::date)`,
    DAY,
    rows[0]?.id,
    STATE_CODES[person],
  );
}

const nameOf = (day: string): string => `delivery_${day.replaceAll('-', '')}`;

const tablesOf = async (day: string): Promise<number> => {
  const { rowCount } = await sql(
    `select 1 from pg_class where relname like '%_' || $1`,
    day.replaceAll('-', ''),
  );
  return rowCount ?? 0;
};
const rowsLeft = async (): Promise<number> => (await sql('select 1 from delivery')).rowCount ?? 0;
const isMarked = async () =>
  (await droppedAt(db, 1, { scheduleId: 's1', occurrence: `${DAY}T09:00:00` })) !== null;

describe('a day of the ledger', () => {
  it('is dropped with all its rows, and its occurrences say when', async () => {
    await occurrence();
    expect(await listDaysBefore(db, NEXT, null)).toEqual([DAY]);
    expect(await dropDay(db, DAY, OLD)).toBe('dropped');
    expect([await rowsLeft(), await tablesOf(DAY)]).toEqual([0, 0]);
    expect(await listDaysBefore(db, NEXT, null)).toEqual([]);
    expect(await droppedAt(db, 1, { scheduleId: 's1', occurrence: `${DAY}T09:00:00` })).toEqual(NOW);
    expect(await listDaysBefore(db, '2026-11-01', null)).toEqual([NEXT]);
  });

  it('without occurrences is dropped as well', async () => {
    expect(await dropDay(db, NEXT, OLD)).toBe('dropped');
  });

  it.each(['pending', 'held', 'claimed', 'unknown'] as const)(
    'is kept while somebody is %s',
    async (state) => {
      await occurrence({}, state);
      expect(await dropDay(db, DAY, OLD)).toBe('held-back');
      expect([await rowsLeft(), await isMarked()]).toEqual([1, false]);
    },
  );

  it.each<[string, Partial<Firing>]>([
    ['is open', { state: 'open', closedAt: null }],
    ['was opened again', { state: 'open' }],
    ['was not compared with its counters', { countedAt: null }],
  ])('is kept while an occurrence of it %s', async (_, firing) => {
    await occurrence(firing);
    expect(await dropDay(db, DAY, OLD)).toBe('held-back');
    expect([await rowsLeft(), await isMarked()]).toEqual([1, false]);
  });

  it('is kept for as long after an occurrence of it has closed, however late it fired', async () => {
    await occurrence({ closedAt: '2026-11-19T12:00:00Z' });
    expect(await dropDay(db, DAY, OLD)).toBe('recent');
    expect([await rowsLeft(), await isMarked()]).toEqual([1, false]);
  });

  it('is kept for as long after somebody of it was settled, as after a replay', async () => {
    await occurrence();
    await sql(`update delivery set settled_at = '2026-11-19T12:00Z'`);
    expect(await dropDay(db, DAY, OLD)).toBe('recent');
    expect([await rowsLeft(), await isMarked()]).toEqual([1, false]);
  });

  it.each(['T00:00:00.000Z', 'T23:59:59.999Z'])(
    'is kept while a message of its container, first due at %s, waits for a later day',
    async (time) => {
      const later = Date.parse(`${NEXT}T00:00:00Z`);
      await seedMessages(db, [{ due: later }, { due: Date.parse(DAY + time) }]);
      await sql('update pending_message set due = $1', new Date(later));
      expect(await dropDay(db, DAY, OLD)).toBe('held-back');
      await sql('delete from pending_message where created_at < $1', new Date(later));
      expect(await dropDay(db, DAY, OLD)).toBe('dropped');
      expect(await dropDay(db, NEXT, OLD)).toBe('held-back');
    },
  );

  it('is not dropped while somebody opens an occurrence in it, and stands for it afterwards', async () => {
    await occurrence();
    await inTransaction(db, async (client) => {
      await holdDay(client, DAY);
      expect(await dropDay(db, DAY, OLD)).toBe('busy');
      await client.query('update occurrence set state = $1', ['open']);
    });
    expect(await dropDay(db, DAY, OLD)).toBe('held-back');
    expect(await rowsLeft()).toBe(1);
  });

  it('waits for whoever reads it for a moment alone, locks nobody out meanwhile, and goes the next time', async () => {
    await occurrence();
    const reader = await db.pool.connect();
    await reader.query('begin');
    await reader.query('select count(*) from delivery');
    expect(await dropDay(db, DAY, OLD)).toBe('busy');
    // Its rows are on their way out; the others are written and read, and days are made.
    expect(await rowsLeft()).toBe(0);
    await ensureDeliveryPartition(db, '2026-10-03');
    await sql(
      `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due) values ($1::date, 7, 1, 10, 0, 'UTC', $1::date)`,
      NEXT,
    );
    await reader.query('commit');
    reader.release();
    expect(await listDaysBefore(db, NEXT, null)).toEqual([DAY]);
    expect(await dropDay(db, DAY, OLD)).toBe('dropped');
    expect([await rowsLeft(), await tablesOf(DAY)]).toEqual([1, 0]);
  });

  it('of which a crash has left the table is dropped by the next turn, and one that was put aside by hand is not', async () => {
    for (const day of [DAY, NEXT]) await sql(`alter table delivery detach partition ${nameOf(day)}`);
    await sql(`comment on table ${nameOf(DAY)} is 'Sundial drops this day of the ledger.'`);
    for (const day of [DAY, NEXT]) expect(await dropDay(db, day, OLD)).toBe('dropped');
    expect([(await tablesOf(DAY)) === 0, (await tablesOf(NEXT)) === 0]).toEqual([true, false]);
    expect(await listDaysBefore(db, '2026-11-01', null)).toEqual([]);
  });
});
