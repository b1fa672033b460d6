import type { Queries } from './database';
import { LEDGER_TABLES } from './ledger-tables';
import type { LedgerTable } from './ledger-tables';
import { inTransaction, joining } from './transaction';

/** Any number, so long as everybody who makes partitions takes the same lock. */
const PARTITION_LOCK = 7_233_002;

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const MONTH = /^(\d{4})-(\d{2})$/;

/** How long an attachment may wait for the lock of a default partition: whoever writes there queues behind it. */
const LOCK_PATIENCE = '2s';

/**
 * Makes the ledger's partitions of a day (`YYYY-MM-DD`), one a table, where they do not exist yet; any number of callers
 * at once. A table is made apart and attached: creating it as a partition would lock out the whole ledger meanwhile.
 */
export async function ensureDeliveryPartition(db: Queries, day: string): Promise<'made' | 'there'> {
  const partitions = LEDGER_TABLES.map((parent) => ({ parent, name: partitionOfDay(day, parent) }));
  // Asked for all at once: whoever opens an occurrence asks, and mostly they are there.
  const { rows: missing } = await db.pool.query<(typeof partitions)[number]>(
    `select parent, name
       from unnest($1::text[], $2::text[]) as wanted (parent, name)
      where not exists (select 1
                          from pg_inherits
                         where inhparent = parent::regclass and inhrelid = to_regclass(name) and not inhdetachpending)`,
    [partitions.map(({ parent }) => parent), partitions.map(({ name }) => name)],
  );
  let outcome: 'made' | 'there' = 'there';
  for (const partition of missing) {
    const made = await ensure(db, { ...partition, from: `'${day}'`, to: `'${day}'::date + 1` });
    if (made === 'made') outcome = 'made';
  }
  return outcome;
}

/**
 * Makes the audit's partition of a month (`YYYY-MM`, of UTC) if it does not exist yet. A month that has rows in the
 * default partition already stays there: they are never moved, because nothing may delete them.
 */
export async function ensureAuditPartition(
  db: Queries,
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
export function partitionOfDay(day: string, table: LedgerTable = 'delivery'): string {
  const match = DAY.exec(day);
  if (!match) throw new RangeError(`The ledger has no partition for "${day}": a day looks like 2026-12-01.`);
  return `${table}_${match.slice(1).join('')}`;
}

/** Names and bounds that were checked to be of digits only: DDL takes no parameters. */
interface Partition {
  readonly parent: LedgerTable | 'audit';
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

async function ensure(db: Queries, { parent, name, from, to }: Partition): Promise<'made' | 'there'> {
  if (await isAttached(db, parent, name)) return 'there';
  return inTransaction(db, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    if (await isAttached(joining(client), parent, name)) return 'there';
    if (parent === 'audit') await client.query(`set local lock_timeout = '${LOCK_PATIENCE}'`);
    await client.query(`create table ${name} (like ${parent} including defaults including indexes)`);
    await client.query(`alter table ${parent} attach partition ${name} for values from (${from}) to (${to})`);
    return 'made';
  });
}

async function isAttached(db: Queries, parent: Partition['parent'], name: string): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `select 1
       from pg_inherits
      where inhparent = $1::regclass and inhrelid = to_regclass($2) and not inhdetachpending`,
    [parent, name],
  );
  return rowCount === 1;
}
