import { randomUUID } from 'node:crypto';
import { STATE_CODES } from '../domain/delivery/state';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { eventually } from '../test/eventually';
import { openDatabase } from './database';
import type { Database } from './database';
import { reroute } from './ledger-route';
import { ensureDeliveryPartition } from './partitions';
import { inTransaction, joining } from './transaction';

const key = { day: '2026-12-01', occurrenceId: '1', step: '' };
let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
  await ensureDeliveryPartition(db, key.day);
});

beforeEach(() => db.pool.query('delete from delivery'));

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

async function claimed(rid: string, ownerId: string): Promise<void> {
  await db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due, owner, channel)
     values ($1::date, $2, $3, ${STATE_CODES.claimed}, 0, 'UTC', now(), $4, 2)`,
    [key.day, key.occurrenceId, rid, ownerId],
  );
}

const to = (rid: string, addressKey: string) => ({
  rid,
  channel: 'email' as const,
  provider: 'smtp',
  addressKey,
  steps: [],
});

describe('a message that goes to another address', () => {
  it.each([
    ['alone', (move: Parameters<typeof inOwn>[0]) => move(db)],
    ['as a part of something greater', inOwn],
  ])('is held up by whoever takes that at the same moment: %s', async (_, within) => {
    const [ours, theirs, address] = [randomUUID(), randomUUID(), randomUUID()];
    await claimed('1', ours);
    await claimed('2', theirs);
    const other = await db.pool.connect();
    await other.query('begin');
    await reroute(joining(other), key, [to('2', address)], theirs);
    const moving = within((own) => reroute(own, key, [to('1', address)], ours));
    await eventually('it waits', async () => {
      const { rowCount } = await db.pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    });
    await other.query('commit');
    other.release();
    expect(await moving).toEqual(new Map([['1', 'held-up']]));
  });
});

function inOwn(
  move: (own: Parameters<typeof reroute>[0]) => ReturnType<typeof reroute>,
): ReturnType<typeof reroute> {
  return inTransaction(db, (client) => move(joining(client)));
}
