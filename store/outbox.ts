import type { PoolClient } from 'pg';
import type { Database } from './database';
import { inTransaction } from './transaction';

/** "Look, version N" to the workflow of a schedule. */
export interface Command {
  readonly tenantId: number;
  readonly scheduleId: string;
  readonly version: number;
  /** Of the requests that gave it; none when Sundial tells by itself. */
  readonly correlationIds?: readonly string[];
}

/** Whose command it is, when it was given, and by which request. */
interface CommandOrigin {
  readonly tenantId: number;
  readonly at: Date;
  readonly correlationId?: string;
}

/** Joins the transaction that changes the schedule, after the change: either both are committed or neither. */
export async function writeCommand(
  client: PoolClient,
  { tenantId, at, correlationId }: CommandOrigin,
  scheduleId: string,
  version: number,
): Promise<void> {
  await client.query(
    `insert into outbox (tenant_id, schedule_id, version, created_at, due_at, correlation_id)
     select $1, id, $3, $4, next_run_at, $5 from schedule where id = $2`,
    [tenantId, scheduleId, version, at, correlationId],
  );
}

export interface Drained {
  readonly done: number;
  /** Commands that `tell` could not deliver; they stay. */
  readonly left: number;
}

interface OutboxRow {
  id: string;
  tenant_id: number;
  schedule_id: string;
  version: number;
  correlation_id: string | null;
}

/**
 * Takes up to `limit` commands that no other process is working on and marks those that `tell` delivered.
 * Cancellations (nothing due any more) come first, then what is due soonest. The rows stay locked while `tell`
 * runs: when this process dies, they are free again at once. Commands to one schedule are told once, as the
 * newest version, because a workflow reads what is wanted from the row anyway.
 */
export async function drainCommands(
  db: Database,
  limit: number,
  tell: (command: Command) => Promise<'told' | 'failed'>,
  clock: () => Date,
): Promise<Drained> {
  return inTransaction(db, async (client) => {
    // Served by the partial index outbox_undone.
    const { rows } = await client.query<OutboxRow>(
      `select id, tenant_id, schedule_id, version, correlation_id
         from outbox
        where done_at is null
        order by due_at asc nulls first, id
        limit $1
          for update skip locked`,
      [limit],
    );
    const outcomes = await Promise.all(
      bySchedule(rows).map(async (sameSchedule) => {
        const outcome = await tell(asOne(sameSchedule));
        return outcome === 'told' ? sameSchedule.map(({ id }) => id) : [];
      }),
    );
    const told = outcomes.flat();
    await client.query('update outbox set done_at = $2 where id = any ($1::bigint[])', [told, clock()]);
    return { done: told.length, left: rows.length - told.length };
  });
}

/** Commands of the last minutes are among so many. */
const NEWEST = 100_000;

/** Has commands told once more that were told at `since` or later; how many. */
export async function tellAgain(db: Database, since: Date): Promise<number> {
  // The newest are found at the end of the primary key: an index over what is done would cost every command a write.
  const { rowCount } = await db.pool.query(
    `update outbox
        set done_at = null
      where id > (select coalesce(max(id), 0) - ${NEWEST} from outbox) and done_at >= $1`,
    [since],
  );
  return rowCount ?? 0;
}

/**
 * Deletes up to `limit` commands that were delivered before `before`, and says how many. Looks at the oldest alone,
 * which lie at the beginning of the primary key: an index over what is done would cost every command a write.
 */
export async function forgetCommands(db: Database, before: Date, limit: number): Promise<number> {
  const { rowCount } = await db.pool.query(
    `with oldest as (
       select id from outbox order by id limit $2
     )
     delete from outbox o
      using oldest
      where o.id = oldest.id and o.done_at < $1`,
    [before, limit],
  );
  return rowCount ?? 0;
}

function bySchedule(rows: readonly OutboxRow[]): OutboxRow[][] {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows) groups.set(row.schedule_id, [...(groups.get(row.schedule_id) ?? []), row]);
  return [...groups.values()];
}

function asOne(rows: readonly OutboxRow[]): Command {
  const newest = rows.reduce((a, b) => (b.version > a.version ? b : a));
  return {
    tenantId: newest.tenant_id,
    scheduleId: newest.schedule_id,
    version: newest.version,
    correlationIds: rows.flatMap(({ correlation_id: id }) => id ?? []),
  };
}
