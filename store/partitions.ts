import type { Database } from './database';
import { inTransaction } from './transaction';

/** Any number, so long as everybody who makes partitions takes the same lock. */
const PARTITION_LOCK = 7_233_002;

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const MONTH = /^(\d{4})-(\d{2})$/;

/** How long an attachment may wait for the lock of a default partition: whoever writes there queues behind it. */
const LOCK_PATIENCE = '2s';

/**
 * Makes the ledger's partition of a day (`YYYY-MM-DD`) if it does not exist yet; any number of callers at once.
 * The table is made apart and attached: creating it as a partition would lock out the whole ledger meanwhile.
 */
export async function ensureDeliveryPartition(db: Database, day: string): Promise<'made' | 'there'> {
  const name = partitionOfDay(day);
  return ensure(db, { parent: 'delivery', name, from: `'${day}'`, to: `'${day}'::date + 1` });
}

/** The same of what messages of that day say beyond their templates. */
export async function ensureMessageDataPartition(db: Database, day: string): Promise<'made' | 'there'> {
  const name = partitionOfDay(day).replace('delivery', 'message_data');
  return ensure(db, { parent: 'message_data', name, from: `'${day}'`, to: `'${day}'::date + 1` });
}

/**
 * Makes the audit's partition of a month (`YYYY-MM`, of UTC) if it does not exist yet. A month that has rows in the
 * default partition already stays there: they are never moved, because nothing may delete them.
 */
export async function ensureAuditPartition(
  db: Database,
  month: string,
): Promise<'made' | 'there' | 'in-default'> {
  const match = MONTH.exec(month);
  if (!match) throw new RangeError(`The audit has no partition for "${month}": a month looks like 2026-12.`);
  const name = `audit_${match.slice(1).join('')}`;
  if (await isAttached(db, 'audit', name)) return 'there';
  const from = `timestamptz '${month}-01 00:00:00+00'`;
  const to = `timestamptz '${month}-01 00:00:00+00' + interval '1 month'`;
  const { rowCount } = await db.pool.query(
    `select 1 from audit_default where at >= ${from} and at < ${to} limit 1`,
  );
  if (rowCount !== 0) return 'in-default';
  return ensure(db, { parent: 'audit', name, from, to });
}

/** @throws RangeError when `day` is no date. */
export function partitionOfDay(day: string): string {
  const match = DAY.exec(day);
  if (!match) throw new RangeError(`The ledger has no partition for "${day}": a day looks like 2026-12-01.`);
  return `delivery_${match.slice(1).join('')}`;
}

/** Names and bounds that were checked to be of digits only: DDL takes no parameters. */
interface Partition {
  readonly parent: 'delivery' | 'message_data' | 'audit';
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

async function ensure(db: Database, { parent, name, from, to }: Partition): Promise<'made' | 'there'> {
  if (await isAttached(db, parent, name)) return 'there';
  return inTransaction(db, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    if (await isAttached({ pool: client }, parent, name)) return 'there';
    if (parent === 'audit') await client.query(`set local lock_timeout = '${LOCK_PATIENCE}'`);
    await client.query(`create table ${name} (like ${parent} including defaults including indexes)`);
    await client.query(`alter table ${parent} attach partition ${name} for values from (${from}) to (${to})`);
    return 'made';
  });
}

async function isAttached(
  db: { pool: Pick<Database['pool'], 'query'> },
  parent: Partition['parent'],
  name: string,
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `select 1 from pg_inherits where inhparent = $1::regclass and inhrelid = to_regclass($2)`,
    [parent, name],
  );
  return rowCount === 1;
}
