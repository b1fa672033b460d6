import { randomUUID } from 'node:crypto';
import { STATE_CODES } from '../domain/delivery/state';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { extendLease, giveBack, takeOver } from './ledger';
import { settle } from './ledger-outcomes';
import { ensureDeliveryPartition } from './partitions';

const NOW = Date.parse('2026-12-01T09:00:00Z');
const CROWD = 100_000;
const key = { day: '2026-12-01', occurrenceId: '1', step: '' };
const rids = Array.from({ length: 100 }, (_, index) => String(CROWD + 1 + index));
const owner = { id: randomUUID(), leaseUntil: NOW + 20_000 };

let fresh: FreshDatabase;
let db: Database;

/** A crowd that was claimed and settled, in a partition that nobody has analyzed yet: as a new day begins. */
beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url, { maxConnections: 1 });
  await ensureDeliveryPartition(db, key.day);
  await db.pool.query('alter table delivery_20261201 set (autovacuum_enabled = off)');
  await db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due)
     select '2026-12-01', 1, rid, ${STATE_CODES.claimed}, 0, 'UTC', now() from generate_series(1, $1) rid`,
    [CROWD],
  );
  await db.pool.query(`update delivery set state = ${STATE_CODES.sent} where day = '2026-12-01'`);
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

beforeEach(async () => {
  await db.pool.query(`delete from delivery where day = '2026-12-01' and occurrence_id = 1 and rid > $1`, [
    CROWD,
  ]);
  await db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due, owner, lease_until)
     select '2026-12-01', 1, rid, ${STATE_CODES.claimed}, 0, 'UTC', now(), $2, $3 from unnest($1::bigint[]) rid`,
    [rids, owner.id, new Date(NOW)],
  );
});

/** Entries of the ledger's index that were read so far. */
async function entriesRead(): Promise<number> {
  await db.pool.query('select pg_stat_force_next_flush()');
  const { rows } = await db.pool.query<{ read: number }>(
    `select idx_tup_read::int as read from pg_stat_user_indexes where indexrelname = 'delivery_20261201_pkey'`,
  );
  return rows[0]?.read ?? 0;
}

const operations: Record<string, () => Promise<unknown>> = {
  'recording outcomes': () =>
    settle(
      db,
      key,
      0,
      rids.map((rid) => ({
        rid,
        state: STATE_CODES.sent,
        reason: null,
        attempts: 1,
        locale: null,
        settledAt: NOW,
        channel: 'noop',
        provider: null,
        steps: [],
      })),
      owner.id,
    ),
  'lengthening leases': () => extendLease(db, key, rids, owner),
  'giving back': () =>
    giveBack(
      db,
      key,
      rids.map((rid) => ({ rid, attempts: null, doubt: null, steps: [] })),
      owner.id,
      NOW,
    ),
  'taking over': () => takeOver(db, key, rids, owner, NOW),
};

it.each(Object.keys(operations))('%s reads those concerned and not the crowd beside them', async (name) => {
  const before = await entriesRead();
  await operations[name]?.();
  // Each is read some times over: to be found, to be locked, to be changed.
  expect((await entriesRead()) - before).toBeLessThan(20 * rids.length);
});
