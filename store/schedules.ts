import type { PoolClient } from 'pg';
import type { ScheduleConfig } from '../domain/schedule/config';
import type { Database } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';
import { writeCommand } from './outbox';
import { inTransaction } from './transaction';

export const SCHEDULE_STATUSES = [
  'draft',
  'scheduled',
  'running',
  'paused',
  'completed',
  'cancelled',
  'failed',
] as const;

export type ScheduleStatus = (typeof SCHEDULE_STATUSES)[number];

/** States that a schedule can still be cancelled in: something is, or may be, still to come. */
const ALIVE: readonly ScheduleStatus[] = ['draft', 'scheduled', 'running', 'paused'];

export interface ScheduleRecord {
  readonly id: string;
  readonly status: ScheduleStatus;
  readonly version: number;
  readonly appliedVersion: number;
  readonly nextRunAt: Date | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
  readonly config: ScheduleConfig;
}

export interface NewSchedule {
  readonly id: string;
  readonly config: ScheduleConfig;
  readonly nextRunAt: Date;
  readonly createdBy: string;
}

export interface ScheduleFilter {
  readonly status?: ScheduleStatus | undefined;
  readonly scheduleType?: string | undefined;
  readonly channel?: string | undefined;
  readonly tag?: string | undefined;
  /** Part of the name, in any case. */
  readonly q?: string | undefined;
}

export type Cancellation =
  | { readonly kind: 'cancelled'; readonly record: ScheduleRecord }
  | { readonly kind: 'over'; readonly status: ScheduleStatus }
  | { readonly kind: 'unknown' };

interface ScheduleRow {
  id: string;
  status: ScheduleStatus;
  version: number;
  applied_version: number;
  next_run_at: Date | null;
  created_by: string;
  created_at: Date;
  updated_at: Date;
  archived_at: Date | null;
  config: ScheduleConfig;
}

// Served by the primary keys of both tables, or by the index on (tenant_id, id) for lists.
const READ = `
  select s.id, s.status, s.version, s.applied_version, s.next_run_at, s.created_by, s.created_at,
         s.updated_at, s.archived_at, v.config
    from schedule s
    join schedule_version v on v.schedule_id = s.id and v.version = s.version
   where s.tenant_id = $1`;

/** Writes the schedule, its first version and the command to its workflow in one transaction. */
export async function createSchedule(
  db: Database,
  tenantId: number,
  { id, config, nextRunAt, createdBy }: NewSchedule,
  at: Date,
): Promise<ScheduleRecord> {
  const status: ScheduleStatus = 'scheduled';
  await inTransaction(db, async (client) => {
    await client.query(
      `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, version,
                             applied_version, next_run_at, created_by, created_at, updated_at)
       values ($1, $2, $3, 'once', $4, $5, $6, 1, 0, $7, $8, $9, $9)`,
      [id, tenantId, config.name, config.channel, config.tags, status, nextRunAt, createdBy, at],
    );
    await client.query(
      `insert into schedule_version (schedule_id, version, config, created_by, created_at)
       values ($1, 1, $2, $3, $4)`,
      [id, JSON.stringify(config), createdBy, at],
    );
    await writeCommand(client, { tenantId, scheduleId: id, version: 1 }, at);
  });
  return {
    id,
    status,
    version: 1,
    appliedVersion: 0,
    nextRunAt,
    createdBy,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
    config,
  };
}

/** Archived ones included. */
export async function findSchedule(
  db: Database,
  tenantId: number,
  id: string,
): Promise<ScheduleRecord | null> {
  const { rows } = await db.pool.query<ScheduleRow>(`${READ} and s.id = $2`, [tenantId, id]);
  return rows[0] ? recordOf(rows[0]) : null;
}

/** Newest first, without those that were archived. */
export async function listSchedules(
  db: Database,
  tenantId: number,
  filter: ScheduleFilter,
  { limit, after }: Slice,
): Promise<Stretch<ScheduleRecord>> {
  const { rows } = await db.pool.query<ScheduleRow>(
    `${READ}
       and s.archived_at is null
       and ($2::text is null or s.id < $2)
       and ($3::text is null or s.status = $3)
       and ($4::text is null or s.schedule_type = $4)
       and ($5::text is null or s.channel = $5)
       and ($6::text is null or $6 = any (s.tags))
       and ($7::text is null or position(lower($7) in lower(s.name)) > 0)
     order by s.id desc
     limit $8`,
    [tenantId, after, filter.status, filter.scheduleType, filter.channel, filter.tag, filter.q, limit + 1],
  );
  const { items, next } = stretchOf(rows, limit, ({ id }) => id);
  return { items: items.map(recordOf), next };
}

/** Cancels for good and tells the workflow, in one transaction. `over` when nothing is left to cancel. */
export async function cancelSchedule(
  db: Database,
  tenantId: number,
  id: string,
  at: Date,
): Promise<Cancellation> {
  return inTransaction(db, async (client): Promise<Cancellation> => {
    const row = await lock(client, tenantId, id);
    if (!row) return { kind: 'unknown' };
    if (!ALIVE.includes(row.status)) return { kind: 'over', status: row.status };
    await markCancelled(client, tenantId, row, at);
    const record = recordOf({ ...row, status: 'cancelled', next_run_at: null, updated_at: at });
    return { kind: 'cancelled', record };
  });
}

/** Cancels what is still alive and archives, in one transaction; again is no change. False when unknown. */
export async function archiveSchedule(
  db: Database,
  tenantId: number,
  id: string,
  at: Date,
): Promise<boolean> {
  return inTransaction(db, async (client) => {
    const row = await lock(client, tenantId, id);
    if (!row) return false;
    if (row.archived_at) return true;
    if (ALIVE.includes(row.status)) await markCancelled(client, tenantId, row, at);
    await client.query('update schedule set archived_at = $2, updated_at = $2 where id = $1', [id, at]);
    return true;
  });
}

async function lock(client: PoolClient, tenantId: number, id: string): Promise<ScheduleRow | undefined> {
  const { rows } = await client.query<ScheduleRow>(`${READ} and s.id = $2 for update of s`, [tenantId, id]);
  return rows[0];
}

async function markCancelled(
  client: PoolClient,
  tenantId: number,
  row: ScheduleRow,
  at: Date,
): Promise<void> {
  await client.query(
    `update schedule set status = 'cancelled', next_run_at = null, updated_at = $2 where id = $1`,
    [row.id, at],
  );
  await writeCommand(client, { tenantId, scheduleId: row.id, version: row.version }, at);
}

function recordOf(row: ScheduleRow): ScheduleRecord {
  return {
    id: row.id,
    status: row.status,
    version: row.version,
    appliedVersion: row.applied_version,
    nextRunAt: row.next_run_at,
    createdBy: row.created_by,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    archivedAt: row.archived_at,
    config: row.config,
  };
}
