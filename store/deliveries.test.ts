import { STATE_CODES } from '../domain/delivery/state';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { listDeliveries } from './deliveries';
import type { DeliveryFilter } from './deliveries';
import { ensureDeliveryPartition } from './partitions';

const CROWD = 20_000;
const SCHEDULE = '00000000-0000-4000-8000-000000000001';
const DAYS = ['2026-12-01', '2026-12-02'];

let fresh: FreshDatabase;
let db: Database;

/** Two occurrences of one schedule, on two days, to the same crowd. */
beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url, { maxConnections: 1 });
  await db.pool.query(
    `insert into schedule (id, tenant_id, name, schedule_type, channel, status, created_by)
     values ($1, 1, 'crowd', 'once', 'noop', 'running', 'a test')`,
    [SCHEDULE],
  );
  await db.pool.query(
    `insert into recipient (rid, tenant_id, external_id, attributes)
     select n, 1, 'person-' || n, '{}' from generate_series(1, $1) n`,
    [CROWD],
  );
  for (const [index, day] of DAYS.entries()) {
    await ensureDeliveryPartition(db, day);
    await db.pool.query(
      `insert into occurrence (id, tenant_id, schedule_id, version, nominal, day, state, opened_at)
       values ($1, 1, $2, 1, $3, $4, 'open', now())`,
      [index + 1, SCHEDULE, `${day}T09:00:00`, day],
    );
    await db.pool.query(
      `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due)
       select $1, $2, n, ${STATE_CODES.sent}, 0, 'UTC', now() from generate_series(1, $3) n`,
      [day, index + 1, CROWD],
    );
  }
  await db.pool.query('vacuum analyze');
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const list = async (after: string | null, filter: DeliveryFilter = {}, limit = 100) => {
  const { items, next } = await listDeliveries(db, 1, SCHEDULE, filter, { limit, after });
  return { rows: items.map(({ occurrence, recipient }) => `${occurrence} ${recipient}`), next };
};

it('goes on behind the last row, from one occurrence into the next', async () => {
  const { rows, next } = await list(`1//${CROWD - 1}`, {}, 2);
  expect(rows).toEqual(['2026-12-01T09:00:00 person-20000', '2026-12-02T09:00:00 person-1']);
  expect(await list(next, {}, 1)).toEqual({ rows: ['2026-12-02T09:00:00 person-2'], next: '2//2' });
  expect(await list(`2//${CROWD}`)).toEqual({ rows: [], next: null });
});

it('lists one person and one occurrence', async () => {
  const both = await list(null, { recipient: 'person-777' });
  expect(both.rows).toEqual(['2026-12-01T09:00:00 person-777', '2026-12-02T09:00:00 person-777']);
  expect(await list(null, { recipient: 'nobody' })).toEqual({ rows: [], next: null });
  expect((await list(null, { occurrence: '2' }, 1)).rows).toEqual(['2026-12-02T09:00:00 person-1']);
});

/** Rows of the ledger that were read so far, whichever way. */
async function rowsRead(): Promise<number> {
  await db.pool.query('select pg_stat_force_next_flush()');
  const { rows } = await db.pool.query<{ read: number }>(
    `select (sum(s.seq_tup_read) + sum(coalesce(i.read, 0)))::int as read
       from pg_stat_user_tables s
       left join (select relid, sum(idx_tup_read) as read from pg_stat_user_indexes group by relid) i
         on i.relid = s.relid
      where s.relname like 'delivery\\_2026%'`,
  );
  return rows[0]?.read ?? 0;
}

describe('reads those that it lists and not those before them', () => {
  it.each([
    ['from the beginning', null, {}],
    ['far behind', `2//${CROWD - 200}`, {}],
    ['of one person', null, { recipient: 'person-19000' }],
  ] as const)('%s', async (_, after, filter) => {
    const before = await rowsRead();
    await list(after, filter);
    expect((await rowsRead()) - before).toBeLessThan(1_000);
  });
});
