import type { PoolClient } from 'pg';
import { MESSAGE_SHARDS, messageUuid } from '../domain/messages/message-id';
import { DAY } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { errorCode } from '../platform/error-code';
import type { Database, Queries } from './database';
import { LEDGER_TABLES } from './ledger-tables';
import type { LedgerTable } from './ledger-tables';
import { partitionOfDay } from './partitions';
import { inTransaction } from './transaction';

/** Any number, so long as whoever opens an occurrence and whoever drops a day take the same lock; the second key is the day. */
const DAY_LOCK = 7_233_004;
const DAY_NUMBER = `$2::date - date '1970-01-01'`;

/** How long a day that is dropped may wait for others: whoever makes a partition meanwhile waits behind it. */
const PATIENCE_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** On a table that is to go: one that somebody has detached to keep it has no such comment. */
const LEAVING = 'Sundial drops this day of the ledger.';

/** Holds a day (`YYYY-MM-DD`) until the transaction ends: it is not dropped while somebody opens an occurrence in it. */
export async function holdDay(client: PoolClient, day: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock_shared($1, ${DAY_NUMBER})`, [DAY_LOCK, day]);
}

/** Days before `before` that have a partition, and those of which a crash has left some; oldest first, after `after`. */
export async function listDaysBefore(db: Queries, before: string, after: string | null): Promise<string[]> {
  const { rows } = await db.pool.query<{ day: string }>(
    `select distinct to_char(to_date(right(c.relname, 8), 'YYYYMMDD'), 'YYYY-MM-DD') as day
       from pg_class c
      where c.relnamespace = current_schema()::regnamespace
        and c.relkind = 'r'
        and c.relname ~ $1
        and right(c.relname, 8) < to_char($2::date, 'YYYYMMDD')
        and ($3::date is null or right(c.relname, 8) > to_char($3::date, 'YYYYMMDD'))
        and (c.relispartition or obj_description(c.oid, 'pg_class') = $4)
      order by 1`,
    [`^(${LEDGER_TABLES.join('|')})_[0-9]{8}$`, before, after, LEAVING],
  );
  return rows.map(({ day }) => day);
}

/** Which days may go. */
export interface Dropping {
  /** Whose occurrences closed before. */
  readonly quietSince: Date;
  readonly now: Date;
  /** Default five seconds. */
  readonly patienceMs?: number;
}

/** What came of a try to drop a day. */
export type DayEnd =
  | 'dropped'
  /** Something of it is still to come, or its counters were not compared with it yet. */
  | 'held-back'
  /** An occurrence of it has closed too lately, or somebody has got their outcome too lately. */
  | 'recent'
  /** Somebody else is at it, or had it locked for longer than it is waited for. It goes on there the next time. */
  | 'busy';

/**
 * Drops the rows of a day (`YYYY-MM-DD`) in all tables of the ledger, if nothing can change any more and its occurrences
 * closed before `quietSince`; these say so from then on. Their counters stay. What a crash interrupts is ended by the
 * next call: occurrences are marked first, and the tables with them.
 */
export async function dropDay(db: Database, day: string, dropping: Dropping): Promise<DayEnd> {
  const { quietSince, patienceMs = PATIENCE_MS } = dropping;
  const client = await db.pool.connect();
  client.on('error', () => undefined);
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock($1, ${DAY_NUMBER}) as locked`,
      [DAY_LOCK, day],
    );
    if (rows[0]?.locked !== true) return 'busy';
    const kept = (await whatKeeps(db, day, quietSince)) ?? (await mark(db, day, dropping));
    if (kept !== null) return kept;
    await client.query(`set lock_timeout = ${patienceMs}`);
    for (const table of LEDGER_TABLES.toReversed())
      await dropPartition(client, table, partitionOfDay(day, table));
    return 'dropped';
  } catch (error) {
    if (errorCode(error) === LOCK_NOT_AVAILABLE) return 'busy';
    throw error;
  } finally {
    // Its lock and its patience go with it.
    client.release(true);
  }
}

/** Null when nothing does. */
async function whatKeeps(db: Queries, day: string, quietSince: Date): Promise<'held-back' | 'recent' | null> {
  // Occurrences by occurrence_tenant_id_day_idx.
  const { rows } = await db.pool.query<{ open: boolean; recent: boolean }>(
    `select count(*) filter (where o.state = 'open'
                                or o.closed_at is not null and o.counted_at is null) > 0 as open,
            count(*) filter (where o.closed_at >= $2) > 0 as recent
       from tenant t
       join occurrence o on o.tenant_id = t.id and o.day = $1::date
      where o.dropped_at is null`,
    [day, quietSince],
  );
  if (rows[0]?.open === true) return 'held-back';
  if (rows[0]?.recent === true) return 'recent';
  const begins = Date.parse(`${day}T00:00:00Z`);
  // Messages that belong to no schedule, and wait for a later day than that of their container, which their id begins
  // with. Served by the primary key of each partition of pending_message.
  const waiting = await db.pool.query(
    `select 1
       from generate_series(0, ${MESSAGE_SHARDS - 1}) s
      cross join lateral (select 1
                            from pending_message p
                           where p.shard = s::smallint and p.id >= $1::uuid and p.id < $2::uuid
                           limit 1) p
      limit 1`,
    [lowestUuid(begins), lowestUuid(begins + DAY)],
  );
  if (waiting.rowCount !== 0) return 'held-back';
  // Whoever has no outcome yet, whatever an expiry or a hold would still let happen, or has had it for a short time
  // only. This reads all of the day, once when it goes.
  const { rows: people } = await db.pool.query<{ toCome: boolean }>(
    `select state < 10 as "toCome"
       from delivery
      where day = $1::date and (state < 10 or settled_at >= $2)
      limit 1`,
    [day, quietSince],
  );
  const [person] = people;
  return person === undefined ? null : person.toCome ? 'held-back' : 'recent';
}

/** Of messages that were first due then. */
function lowestUuid(due: Instant): string {
  return messageUuid(due, new Uint8Array(10));
}

/** Marks what is to go. Whoever opens one of the occurrences again does so before it, and keeps them, or finds the mark. */
function mark(
  db: Database,
  day: string,
  { quietSince, now, patienceMs = PATIENCE_MS }: Dropping,
): Promise<Awaited<ReturnType<typeof whatKeeps>>> {
  return inTransaction(db, async (client) => {
    await client.query(`set local lock_timeout = ${patienceMs}`);
    const { rows } = await client.query<{ id: string }>(
      `select o.id
         from tenant t
         join occurrence o on o.tenant_id = t.id and o.day = $1::date
        where o.dropped_at is null
        order by o.id
          for update of o`,
      [day],
    );
    const kept = await whatKeeps({ pool: client, transaction: client }, day, quietSince);
    if (kept !== null) return kept;
    await client.query('update occurrence set dropped_at = $2 where id = any ($1::bigint[])', [
      rows.map(({ id }) => id),
      now,
    ]);
    for (const table of LEDGER_TABLES) {
      const name = partitionOfDay(day, table);
      if ((await tableOf(client, name))?.attached === true)
        await client.query(`comment on table ${name} is '${LEAVING}'`);
    }
    return null;
  });
}

/** Pages go on in the other partitions meanwhile; whoever has begun before is waited for, at the most for as long as patience lasts. */
async function dropPartition(client: PoolClient, table: LedgerTable, name: string): Promise<void> {
  const found = await tableOf(client, name);
  if (found === null || !(found.attached || found.marked)) return;
  if (found.attached) {
    const how = found.leaving ? 'finalize' : 'concurrently';
    await client.query(`alter table ${table} detach partition ${name} ${how}`);
  }
  await client.query(`drop table ${name}`);
}

/** `leaving` is a partition whose detachment was interrupted: nobody sees its rows any more. */
async function tableOf(
  client: PoolClient,
  name: string,
): Promise<{ attached: boolean; leaving: boolean; marked: boolean } | null> {
  const { rows } = await client.query<{ attached: boolean; leaving: boolean; marked: boolean }>(
    `select c.relispartition as attached, coalesce(i.inhdetachpending, false) as leaving,
            coalesce(obj_description(c.oid, 'pg_class') = $2, false) as marked
       from pg_class c
       left join pg_inherits i on i.inhrelid = c.oid
      where c.oid = to_regclass($1)`,
    [name, LEAVING],
  );
  return rows[0] ?? null;
}

/** An occurrence by its row id, or by its schedule and nominal time. */
export interface OccurrenceName {
  readonly scheduleId?: string | undefined;
  readonly occurrence: string;
}

/** When the rows of an occurrence were dropped. Null while they are there, and where there is no such occurrence. */
export async function droppedAt(
  db: Queries,
  tenantId: number,
  { scheduleId, occurrence }: OccurrenceName,
): Promise<Date | null> {
  // Served by the primary key, or by occurrence_schedule_id_nominal_key.
  const { rows } = await db.pool.query<{ droppedAt: Date | null }>(
    `select dropped_at as "droppedAt"
       from occurrence
      where tenant_id = $1
        and (id = case when $3 ~ '^[0-9]{1,18}$' then $3::bigint end or schedule_id = $2 and nominal = $3)`,
    [tenantId, scheduleId, occurrence],
  );
  return rows[0]?.droppedAt ?? null;
}
