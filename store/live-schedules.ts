import type { Instant } from '../domain/time/instant';
import type { Database } from './database';
import type { Command } from './outbox';

/** Where a walk over all schedules that want a workflow goes on: behind this one. */
export interface WalkPosition {
  /** As Postgres writes it; `-infinity` for what has begun, or is paused. */
  readonly due: string;
  readonly scheduleId: string;
}

const BEGINNING: WalkPosition = { due: '-infinity', scheduleId: '' };

/**
 * The next schedules, of all tenants, that want a workflow: scheduled, running or paused. What has begun comes first,
 * then what is due soonest.
 */
export async function listLiveSchedules(
  db: Database,
  after: WalkPosition | null,
  limit: number,
): Promise<(Command & WalkPosition)[]> {
  const { due, scheduleId } = after ?? BEGINNING;
  // Served by the partial index schedule_alive, in its order.
  const { rows } = await db.pool.query<Command & WalkPosition>(
    `select tenant_id as "tenantId", id as "scheduleId", version,
            coalesce(next_run_at, '-infinity'::timestamptz)::text as due
       from schedule
      where status in ('scheduled', 'running', 'paused')
        and (coalesce(next_run_at, '-infinity'::timestamptz), id) > ($1::timestamptz, $2)
      order by coalesce(next_run_at, '-infinity'::timestamptz), id
      limit $3`,
    [due, scheduleId, limit],
  );
  return rows;
}

/** An open occurrence's schedule, by the row id of the occurrence. */
export interface OpenOccurrence extends Command {
  readonly occurrenceId: string;
}

/** Open occurrences, behind the row `after`, of schedules that are over: whoever is left of them is to be recorded. */
export async function listLeftOpen(db: Database, after: string, limit: number): Promise<OpenOccurrence[]> {
  // Served by the partial index occurrence_open.
  const { rows } = await db.pool.query<OpenOccurrence>(
    `select s.tenant_id as "tenantId", s.id as "scheduleId", s.version, o.id as "occurrenceId"
       from occurrence o
       join schedule s on s.id = o.schedule_id
      where o.state = 'open' and o.id > $1 and s.status in ('completed', 'cancelled', 'failed')
      order by o.id
      limit $2`,
    [after, limit],
  );
  return rows;
}

/** Schedules, behind the id `after`, that are over and were given a command at `since` or later. */
export async function listEndedSince(
  db: Database,
  since: Instant,
  after: string,
  limit: number,
): Promise<Command[]> {
  // In the order of the primary key, and through all of it: asked once after a backup was restored.
  const { rows } = await db.pool.query<Command>(
    `select tenant_id as "tenantId", id as "scheduleId", version
       from schedule
      where id > $1 and updated_at >= $2 and status in ('completed', 'cancelled', 'failed')
      order by id
      limit $3`,
    [after, new Date(since), limit],
  );
  return rows;
}
