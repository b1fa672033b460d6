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
