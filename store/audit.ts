import type { PoolClient } from 'pg';
import type { Changes } from '../domain/schedule/changes';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';

export const AUDIT_ACTIONS = [
  'create',
  'update',
  'publish',
  'pause',
  'resume',
  'cancel',
  'archive',
  'decide',
  'replay',
  'fail',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditEntry {
  /** Of one schedule ascending in the order of the commands; there may be gaps. Decimal string. */
  readonly seq: string;
  readonly at: Date;
  readonly action: AuditAction;
  readonly actorId: string;
  readonly scheduleId: string | null;
  readonly payloadDiff: Changes;
}

/** Joins the transaction of the command: whoever holds the schedule's row also has its next place in the audit. */
export async function writeAudit(
  client: PoolClient,
  tenantId: number,
  { at, action, actorId, scheduleId, payloadDiff }: Omit<AuditEntry, 'seq'>,
): Promise<void> {
  await client.query(
    `insert into audit (at, tenant_id, action, actor_id, schedule_id, payload_diff)
     values ($1, $2, $3, $4, $5, $6)`,
    [at, tenantId, action, actorId, scheduleId, JSON.stringify(payloadDiff)],
  );
}

/** Newest first. */
export async function listAudit(
  db: Queries,
  tenantId: number,
  scheduleId: string,
  { limit, after }: Slice,
): Promise<Stretch<AuditEntry>> {
  // Served by audit_schedule_id_seq_idx of each partition.
  const { rows } = await db.pool.query<AuditEntry>(
    `select seq, at, action, actor_id as "actorId", schedule_id as "scheduleId", payload_diff as "payloadDiff"
       from audit
      where tenant_id = $1 and schedule_id = $2 and ($3::bigint is null or seq < $3)
      order by seq desc
      limit $4`,
    [tenantId, scheduleId, after, limit + 1],
  );
  return stretchOf(rows, limit, ({ seq }) => seq);
}
