import type { PoolClient } from 'pg';
import { segmentsIn } from '../domain/audience/segments';
import { changesBetween } from '../domain/schedule/changes';
import type { Standing } from '../domain/schedule/changes';
import type { ScheduleConfig } from '../domain/schedule/config';
import { writeAudit } from './audit';
import type { AuditAction } from './audit';
import type { Queries } from './database';
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
  /** The first instant that any zone can have; a draft has none before it is published. */
  readonly nextRunAt: Date;
  readonly createdBy: string;
  /** As of a `Commander`. */
  readonly correlationId?: string;
}

/** Who commands, for which tenant, and when. */
export interface Commander {
  readonly tenantId: number;
  readonly actorId: string;
  readonly at: Date;
  /** Of the request that commands; what Sundial does by itself has none. */
  readonly correlationId?: string;
}

export interface ScheduleFilter {
  readonly status?: ScheduleStatus | undefined;
  readonly scheduleType?: string | undefined;
  readonly channel?: string | undefined;
  readonly tag?: string | undefined;
  /** Part of the name, in any case. */
  readonly q?: string | undefined;
}

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

/**
 * Writes the schedule, its first version, the audit's row and the command to its workflow in one transaction. A draft
 * has no workflow: nothing can happen to it before it is published.
 */
export async function createSchedule(
  db: Queries,
  tenantId: number,
  { id, config, nextRunAt, createdBy, correlationId }: NewSchedule,
  at: Date,
): Promise<ScheduleRecord> {
  const record: ScheduleRecord = {
    id,
    status: config.draft ? 'draft' : 'scheduled',
    version: 1,
    appliedVersion: 0,
    nextRunAt: config.draft ? null : nextRunAt,
    createdBy,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
    config,
  };
  await inTransaction(db, async (client) => {
    await client.query(
      `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, segments, status, version,
                             applied_version, next_run_at, created_by, created_at, updated_at)
       values ($1, $2, $3, 'once', $4, $5, $6, $7, 1, 0, $8, $9, $10, $10)`,
      [
        id,
        tenantId,
        config.name,
        config.channel,
        config.tags,
        segmentsIn(config.audience),
        record.status,
        record.nextRunAt,
        createdBy,
        at,
      ],
    );
    const by = { tenantId, actorId: createdBy, at, ...(correlationId !== undefined && { correlationId }) };
    await writeVersion(client, by, record);
    await writeEvidence(client, by, 'create', null, record);
    if (!config.draft) await writeCommand(client, by, id, 1);
  });
  return record;
}

/** Archived ones included. */
export async function findSchedule(
  db: Queries,
  tenantId: number,
  id: string,
): Promise<ScheduleRecord | null> {
  const { rows } = await db.pool.query<ScheduleRow>(`${READ} and s.id = $2`, [tenantId, id]);
  return rows[0] ? recordOf(rows[0]) : null;
}

/** Newest first, without those that were archived. */
export async function listSchedules(
  db: Queries,
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

/** The schedule as it stands, held until the transaction ends: commands to one schedule follow each other. */
export async function lockSchedule(
  client: PoolClient,
  tenantId: number,
  id: string,
): Promise<ScheduleRecord | null> {
  // Two statements: one that waits for the row sees its newest state afterwards, but not the version beside it.
  await client.query('select 1 from schedule where tenant_id = $1 and id = $2 for update', [tenantId, id]);
  const { rows } = await client.query<ScheduleRow>(`${READ} and s.id = $2`, [tenantId, id]);
  return rows[0] ? recordOf(rows[0]) : null;
}

/** Writes the version that a record is at; one that was written is never changed. */
export async function writeVersion(
  client: PoolClient,
  { actorId, at, correlationId }: Commander,
  { id, version, config }: ScheduleRecord,
): Promise<void> {
  await client.query(
    `insert into schedule_version (schedule_id, version, config, created_by, created_at, correlation_id)
     values ($1, $2, $3, $4, $5, $6)`,
    [id, version, JSON.stringify(config), actorId, at, correlationId],
  );
}

/** Writes into the audit what a command made of a schedule. */
export async function writeEvidence(
  client: PoolClient,
  { tenantId, actorId, at }: Commander,
  action: AuditAction,
  before: ScheduleRecord | null,
  after: ScheduleRecord,
): Promise<void> {
  const payloadDiff = changesBetween(before && standingOf(before), standingOf(after));
  await writeAudit(client, tenantId, { at, action, actorId, scheduleId: after.id, payloadDiff });
}

function standingOf({ status, version, nextRunAt, archivedAt, config }: ScheduleRecord): Standing {
  return {
    status,
    version,
    nextRunAt: nextRunAt?.toISOString() ?? null,
    archivedAt: archivedAt?.toISOString() ?? null,
    config,
  };
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
