import type { Database } from './database';
import { inTransaction } from './transaction';

/** Any number, so long as everybody who makes partitions takes the same lock. */
const PARTITION_LOCK = 7_233_002;

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * Makes the ledger's partition of a day (`YYYY-MM-DD`) if it does not exist yet; any number of callers at once.
 * The table is made apart and attached: creating it as a partition would lock out the whole ledger meanwhile.
 */
export async function ensureDeliveryPartition(db: Database, day: string): Promise<void> {
  const name = partitionOfDay(day);
  if (await isAttached(db, name)) return;
  await inTransaction(db, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    if (await isAttached({ pool: client }, name)) return;
    // A name and two dates of digits only: DDL takes no parameters.
    await client.query(`create table ${name} (like delivery including defaults including indexes)`);
    await client.query(
      `alter table delivery attach partition ${name}
         for values from ('${day}') to ('${day}'::date + 1)`,
    );
  });
}

/** @throws RangeError when `day` is no date. */
export function partitionOfDay(day: string): string {
  const match = DAY.exec(day);
  if (!match) throw new RangeError(`The ledger has no partition for "${day}": a day looks like 2026-12-01.`);
  return `delivery_${match.slice(1).join('')}`;
}

async function isAttached(db: { pool: Pick<Database['pool'], 'query'> }, name: string): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `select 1 from pg_inherits where inhparent = 'delivery'::regclass and inhrelid = to_regclass($1)`,
    [name],
  );
  return rowCount === 1;
}
