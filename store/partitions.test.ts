import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { ensureDeliveryPartition, partitionOfDay } from './partitions';

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const insert = (day: string) =>
  db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due) values ($1::date, 1, 1, 10, 0, 'UTC', $1::date)`,
    [day],
  );

describe('the partition of a day', () => {
  it('is named after it', () => {
    expect(partitionOfDay('2026-12-01')).toBe('delivery_20261201');
  });

  it.each(['', '2026-1-1', `2026-12-01'; drop table delivery; --`, '20261201'])('refuses %j', async (day) => {
    await expect(ensureDeliveryPartition(db, day)).rejects.toThrow(RangeError);
  });

  it('is made once, however many ask for it at once, and holds that day alone', async () => {
    await Promise.all(Array.from({ length: 12 }, () => ensureDeliveryPartition(db, '2026-12-31')));
    await ensureDeliveryPartition(db, '2026-12-31');
    await insert('2026-12-31');
    await expect(insert('2027-01-01')).rejects.toThrow('no partition');
    await expect(insert('2026-12-31')).rejects.toThrow('duplicate key');
  });

  it('comes into being beside a ledger that is in use', async () => {
    await ensureDeliveryPartition(db, '2026-01-01');
    const writer = await db.pool.connect();
    try {
      await writer.query('begin');
      await writer.query(
        `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due)
         values ('2026-01-01', 1, 1, 10, 0, 'UTC', '2026-01-01')`,
      );
      await ensureDeliveryPartition(db, '2026-01-02');
      await insert('2026-01-02');
      await writer.query('commit');
    } finally {
      writer.release();
    }
  });

  it('refuses a day that no calendar has, and leaves nothing behind', async () => {
    await expect(ensureDeliveryPartition(db, '2026-02-30')).rejects.toThrow(
      'date/time field value out of range',
    );
    const { rows } = await db.pool.query(`select to_regclass('delivery_20260230') as made`);
    expect(rows).toEqual([{ made: null }]);
  });
});
