import type { PoolClient } from 'pg';
import { STATE_CODES } from '../domain/delivery/state';
import type { ScheduleConfig } from '../domain/schedule/config';
import type { Instant } from '../domain/time/instant';
import type { Database } from './database';
import { holdDay } from './ledger-days';
import type { LedgerKey } from './ledger-key';
import { ensureDeliveryPartition } from './partitions';
import { holdTemplateVersion } from './template-pins';
import { inTransaction, joining } from './transaction';

/** A schedule as its workflow reads it. */
export interface StandingOrder {
  readonly status: string;
  readonly archived: boolean;
  readonly version: number;
  readonly config: ScheduleConfig;
  readonly tenantZone: string;
}

/** An occurrence with what it delivers and how its schedule stands now. */
export interface OccurrenceRecord extends LedgerKey {
  readonly version: number;
  /** The version of the template that it delivers; null without a template. */
  readonly templateVersion: number | null;
  readonly nominal: string;
  readonly state: OccurrenceState;
  readonly scheduleStatus: string;
  readonly openedAt: Instant;
  /** When it closed first; one that was opened again keeps it, and takes nobody new. */
  readonly closedAt: Instant | null;
  readonly config: ScheduleConfig;
  readonly tenantZone: string;
  /** Of the request that wrote the version; null when none did. */
  readonly correlationId: string | null;
}

/** What of an occurrence may change while its pages run. */
export type OccurrenceStanding = Pick<
  OccurrenceRecord,
  'state' | 'version' | 'templateVersion' | 'scheduleStatus'
>;

export type OccurrenceState = 'open' | 'completed' | 'cancelled' | 'failed';

/** Reads what is wanted of a schedule and notes that its workflow has taken up that version. Null when unknown. */
export async function takeUpOrder(
  db: Database,
  tenantId: number,
  scheduleId: string,
): Promise<StandingOrder | null> {
  const { rows } = await db.pool.query<StandingOrder>(
    `with taken as (
       update schedule
          set applied_version = version
        where tenant_id = $1 and id = $2 and applied_version < version
     )
     select s.status, s.archived_at is not null as archived, s.version, v.config, t.default_time_zone as "tenantZone"
       from schedule s
       join schedule_version v on v.schedule_id = s.id and v.version = s.version
       join tenant t on t.id = s.tenant_id
      where s.tenant_id = $1 and s.id = $2`,
    [tenantId, scheduleId],
  );
  return rows[0] ?? null;
}

/**
 * Makes the row of a firing and the ledger's partitions of its day, or finds them, and lets the schedule run. Row id as a decimal string;
 * null when the schedule does not stand any more as it was read: changed, paused, over or unknown. The row is held
 * meanwhile, so that a command comes either before the opening, which then does not happen, or after it.
 */
export async function openOccurrence(
  db: Database,
  occurrence: { tenantId: number; scheduleId: string; version: number; nominal: string; day: string },
  now: Instant,
): Promise<string | null> {
  const { tenantId, scheduleId, version, nominal, day } = occurrence;
  return inTransaction(db, async (client) => {
    await holdDay(client, day);
    await ensureDeliveryPartition(joining(client), day);
    const schedule = await client.query(
      `update schedule
          set status = case status when 'scheduled' then 'running' else status end, next_run_at = null
        where tenant_id = $1 and id = $2 and version = $3 and status in ('scheduled', 'running')`,
      [tenantId, scheduleId, version],
    );
    if (schedule.rowCount === 0) return null;
    const templateId = await templateOf(client, scheduleId, version);
    const templateVersion = templateId === null ? null : await holdTemplateVersion(client, templateId);
    // Served by occurrence_schedule_id_nominal_key; the update that changes nothing returns the row that was there.
    const { rows } = await client.query<{ id: string }>(
      `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at, template_id,
                               template_version)
       values ($1, $2, $3, $4, $5, 'open', $6, $7, $8)
       on conflict (schedule_id, nominal) do update set nominal = excluded.nominal
       returning id`,
      [tenantId, scheduleId, version, nominal, day, new Date(now), templateId, templateVersion],
    );
    return rows[0]?.id ?? null;
  });
}

async function templateOf(client: PoolClient, scheduleId: string, version: number): Promise<string | null> {
  const { rows } = await client.query<{ templateId: string | null }>(
    `select config ->> 'templateId' as "templateId" from schedule_version where schedule_id = $1 and version = $2`,
    [scheduleId, version],
  );
  return rows[0]?.templateId ?? null;
}

export async function readOccurrence(
  db: Database,
  tenantId: number,
  occurrenceId: string,
): Promise<OccurrenceRecord | null> {
  const { rows } = await db.pool.query<
    Omit<OccurrenceRecord, 'step' | 'openedAt' | 'closedAt'> & { openedAt: Date; closedAt: Date | null }
  >(
    `select o.id as "occurrenceId", to_char(o.day, 'YYYY-MM-DD') as day, o.version,
            o.template_version as "templateVersion", o.nominal, o.state, s.status as "scheduleStatus", v.config,
            v.correlation_id as "correlationId", t.default_time_zone as "tenantZone", o.opened_at as "openedAt", o.closed_at as "closedAt"
       from occurrence o
       join schedule s on s.id = o.schedule_id
       join schedule_version v on v.schedule_id = o.schedule_id and v.version = o.version
       join tenant t on t.id = o.tenant_id
      where o.tenant_id = $1 and o.id = $2`,
    [tenantId, occurrenceId],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    ...row,
    openedAt: row.openedAt.getTime(),
    closedAt: row.closedAt?.getTime() ?? null,
    step: '',
  };
}

/** How an occurrence and its schedule stand now; what a page asks while it runs. Null when unknown. */
export async function standingOfOccurrence(
  db: Database,
  tenantId: number,
  occurrenceId: string,
): Promise<OccurrenceStanding | null> {
  const { rows } = await db.pool.query<OccurrenceStanding>(
    `select o.state, o.version, o.template_version as "templateVersion", s.status as "scheduleStatus"
       from occurrence o
       join schedule s on s.id = o.schedule_id
      where o.tenant_id = $1 and o.id = $2`,
    [tenantId, occurrenceId],
  );
  return rows[0] ?? null;
}

/** The occurrence of a schedule that is under way, the newest when there are several; null when none is. */
export async function findOpenOccurrence(
  db: Database,
  tenantId: number,
  scheduleId: string,
): Promise<{ occurrenceId: string; nominal: string } | null> {
  // Served by occurrence_schedule_id_nominal_key.
  const { rows } = await db.pool.query<{ occurrenceId: string; nominal: string }>(
    `select id as "occurrenceId", nominal
       from occurrence
      where tenant_id = $1 and schedule_id = $2 and state = 'open'
      order by id desc
      limit 1`,
    [tenantId, scheduleId],
  );
  return rows[0] ?? null;
}

/** The state of a schedule's firing by its identity; null when it never opened. */
export async function stateOfOccurrence(
  db: Database,
  tenantId: number,
  scheduleId: string,
  nominal: string,
): Promise<OccurrenceState | null> {
  const { rows } = await db.pool.query<{ state: OccurrenceState }>(
    'select state from occurrence where tenant_id = $1 and schedule_id = $2 and nominal = $3',
    [tenantId, scheduleId, nominal],
  );
  return rows[0]?.state ?? null;
}

/**
 * Closes an occurrence as its schedule stands; one that is closed keeps its state. Whether it is closed now: not
 * while it is paused, nor while somebody is claimed, who may have been sent back since the last plan. The row is held
 * meanwhile, so that a decision (store/decisions.ts) comes before the look at the claims, or finds it closed.
 */
export async function closeOccurrence(
  db: Database,
  tenantId: number,
  occurrenceId: string,
  now: Instant,
): Promise<boolean> {
  return inTransaction(db, async (client) => {
    await client.query('select 1 from occurrence where tenant_id = $1 and id = $2 for update', [
      tenantId,
      occurrenceId,
    ]);
    // The claims are looked for in one partition, by its primary key.
    await client.query(
      `update occurrence o
          set state = case s.status when 'cancelled' then 'cancelled' else 'completed' end,
              closed_at = coalesce(o.closed_at, $3)
         from schedule s
        where s.id = o.schedule_id and o.tenant_id = $1 and o.id = $2 and o.state = 'open'
          and s.status <> 'paused'
          and not exists (select 1
                            from delivery d
                           where d.day = o.day and d.occurrence_id = o.id and d.state = ${STATE_CODES.claimed})`,
      [tenantId, occurrenceId, new Date(now)],
    );
    const { rows } = await client.query<{ state: OccurrenceState }>(
      'select state from occurrence where tenant_id = $1 and id = $2',
      [tenantId, occurrenceId],
    );
    return rows[0]?.state !== 'open';
  });
}

/**
 * Completes a schedule that has nothing left to do, unless it ended otherwise or an occurrence was opened again. Its
 * status, or null when unknown. The row is held meanwhile, for the sake of the look at the occurrences.
 */
export async function completeSchedule(
  db: Database,
  tenantId: number,
  scheduleId: string,
): Promise<string | null> {
  return inTransaction(db, async (client) => {
    await client.query('select 1 from schedule where tenant_id = $1 and id = $2 for update', [
      tenantId,
      scheduleId,
    ]);
    // Open ones are looked for by occurrence_schedule_id_nominal_key.
    const { rows } = await client.query<{ status: string }>(
      `update schedule s
          set status = case when s.status in ('scheduled', 'running')
                             and not exists (select 1 from occurrence o where o.schedule_id = s.id and o.state = 'open')
                            then 'completed' else s.status end,
              next_run_at = null
        where s.tenant_id = $1 and s.id = $2
       returning s.status`,
      [tenantId, scheduleId],
    );
    return rows[0]?.status ?? null;
  });
}
