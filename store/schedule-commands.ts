import type { PoolClient } from 'pg';
import { segmentsIn } from '../domain/audience/segments';
import { sameJson } from '../domain/json-equality';
import type { ScheduleConfig } from '../domain/schedule/config';
import { nominalOf } from '../domain/schedule/once-time';
import type { AuditAction } from './audit';
import type { Queries } from './database';
import { writeCommand } from './outbox';
import { lockSchedule, writeEvidence, writeVersion } from './schedules';
import type { Commander, ScheduleRecord, ScheduleStatus } from './schedules';
import { holdTemplateVersion } from './template-pins';
import { inTransaction } from './transaction';

/** States in which something is, or may be, still to come. */
const ALIVE: readonly ScheduleStatus[] = ['draft', 'scheduled', 'running', 'paused'];

/** What became of a command that moves a schedule to another state. */
export type Transition =
  | { readonly kind: 'done'; readonly record: ScheduleRecord }
  /** The schedule is in a state from which this cannot be done; nothing was written. */
  | { readonly kind: 'conflict'; readonly status: ScheduleStatus }
  | { readonly kind: 'unknown' };

export type Change =
  | Transition
  /** The schedule is as wanted already; nothing was written. */
  | { readonly kind: 'unchanged'; readonly record: ScheduleRecord }
  | { readonly kind: 'stale'; readonly version: number }
  /** Its occurrence has begun, so that its time cannot change any more; nothing was written. */
  | { readonly kind: 'begun' };

/** What a schedule is to become. */
export interface WantedSchedule {
  /** The version that the change is based on. */
  readonly expected: number;
  readonly config: ScheduleConfig;
  /** The first instant that any zone can have. */
  readonly firstAt: Date;
}

/** To whom a change applies: to occurrences that have not begun, or also to people of open ones not yet sent to. */
export type Reach = 'future' | 'running';

/** Stops everything until it is resumed. */
export function pauseSchedule(db: Queries, by: Commander, id: string): Promise<Transition> {
  return transition(db, by, id, 'pause', ['scheduled', 'running'], () => ({
    status: 'paused',
    nextRunAt: null,
  }));
}

/**
 * Goes on where the schedule stands by now: an occurrence that has begun goes on, one that has not is awaited,
 * and one whose time has passed meanwhile opens late (semantics.md "Late").
 * @param firstAt the first instant that any zone can have, under a configuration.
 */
export function resumeSchedule(
  db: Queries,
  by: Commander,
  id: string,
  firstAt: (config: ScheduleConfig) => Date,
): Promise<Transition> {
  return transition(db, by, id, 'resume', ['paused'], async ({ config }, client) =>
    (await hasBegun(client, id))
      ? { status: 'running', nextRunAt: null }
      : { status: 'scheduled', nextRunAt: firstAt(config) },
  );
}

/** Cancels for good. */
export function cancelSchedule(db: Queries, by: Commander, id: string): Promise<Transition> {
  return transition(db, by, id, 'cancel', ALIVE, () => ({ status: 'cancelled', nextRunAt: null }));
}

/**
 * Gives a schedule up whose workflows fail again and again, with its open occurrences, so that the failure is seen.
 * One that was cancelled stays so.
 */
export function failSchedule(db: Queries, by: Commander, id: string): Promise<Transition> {
  return transition(db, by, id, 'fail', [...ALIVE, 'cancelled'], async ({ status }, client) => {
    // Served by occurrence_schedule_id_nominal_key.
    await client.query(
      `update occurrence set state = 'failed', closed_at = coalesce(closed_at, $2)
        where schedule_id = $1 and state = 'open'`,
      [id, by.at],
    );
    return { status: status === 'cancelled' ? status : 'failed', nextRunAt: null };
  });
}

/** Cancels what is still alive and archives, in one transaction; again is no change. False when unknown. */
export async function archiveSchedule(db: Queries, by: Commander, id: string): Promise<boolean> {
  return inTransaction(db, async (client) => {
    const before = await lockSchedule(client, by.tenantId, id);
    if (!before) return false;
    if (before.archivedAt) return true;
    const alive = ALIVE.includes(before.status);
    const end = alive ? ({ status: 'cancelled', nextRunAt: null } as const) : {};
    const after = { ...before, ...end, archivedAt: by.at };
    await save(client, by, 'archive', before, after);
    if (alive) await tellWorkflow(client, by, before, after);
    return true;
  });
}

/** Makes a schedule of a draft. */
export async function publishSchedule(
  db: Queries,
  by: Commander,
  id: string,
  { expected, config, firstAt }: WantedSchedule,
): Promise<Transition | { readonly kind: 'stale'; readonly version: number }> {
  return inTransaction(db, async (client) => {
    const before = await lockSchedule(client, by.tenantId, id);
    if (!before) return { kind: 'unknown' };
    if (before.status !== 'draft') return { kind: 'conflict', status: before.status };
    if (before.version !== expected) return { kind: 'stale', version: before.version };
    const version = before.version + 1;
    const after: ScheduleRecord = { ...before, config, version, status: 'scheduled', nextRunAt: firstAt };
    return { kind: 'done', record: await saveAndTell(client, by, 'publish', before, after) };
  });
}

/**
 * Writes the next version of a schedule. With the reach `running` open occurrences go on by that version, which
 * their next page reads.
 */
export async function changeSchedule(
  db: Queries,
  by: Commander,
  id: string,
  { expected, config, firstAt }: WantedSchedule,
  reach: Reach,
): Promise<Change> {
  return inTransaction(db, async (client): Promise<Change> => {
    const before = await lockSchedule(client, by.tenantId, id);
    if (!before) return { kind: 'unknown' };
    if (before.version !== expected) return { kind: 'stale', version: before.version };
    if (!ALIVE.includes(before.status)) return { kind: 'conflict', status: before.status };
    const begun = await hasBegun(client, id);
    if (begun && nominalOf(config.timing) !== nominalOf(before.config.timing)) return { kind: 'begun' };

    const same = sameJson(before.config, config);
    const version = same ? before.version : before.version + 1;
    const moved =
      reach === 'running' && begun && (await moveOpenOccurrences(client, id, version, config.templateId));
    if (same && !moved) return { kind: 'unchanged', record: before };
    const waits = before.status === 'scheduled' && !begun;
    const after = { ...before, config, version, nextRunAt: waits ? firstAt : before.nextRunAt };
    return { kind: 'done', record: await saveAndTell(client, by, 'update', before, after) };
  });
}

type Outcome = Pick<ScheduleRecord, 'status' | 'nextRunAt'>;

async function transition(
  db: Queries,
  by: Commander,
  id: string,
  action: AuditAction,
  from: readonly ScheduleStatus[],
  outcome: (before: ScheduleRecord, client: PoolClient) => Outcome | Promise<Outcome>,
): Promise<Transition> {
  return inTransaction(db, async (client): Promise<Transition> => {
    const before = await lockSchedule(client, by.tenantId, id);
    if (!before) return { kind: 'unknown' };
    if (!from.includes(before.status)) return { kind: 'conflict', status: before.status };
    const after = { ...before, ...(await outcome(before, client)) };
    return { kind: 'done', record: await saveAndTell(client, by, action, before, after) };
  });
}

async function saveAndTell(
  client: PoolClient,
  by: Commander,
  action: AuditAction,
  before: ScheduleRecord,
  after: ScheduleRecord,
): Promise<ScheduleRecord> {
  const saved = await save(client, by, action, before, after);
  await tellWorkflow(client, by, before, saved);
  return saved;
}

async function save(
  client: PoolClient,
  by: Commander,
  action: AuditAction,
  before: ScheduleRecord,
  after: ScheduleRecord,
): Promise<ScheduleRecord> {
  const { id, config, version, status, nextRunAt, archivedAt } = after;
  if (version > before.version) await writeVersion(client, by, after);
  await client.query(
    `update schedule
        set name = $2, channel = $3, tags = $4, version = $5, status = $6, next_run_at = $7, archived_at = $8,
            updated_at = $9, segments = $10
      where id = $1`,
    [
      id,
      config.name,
      config.channel,
      config.tags,
      version,
      status,
      nextRunAt,
      archivedAt,
      by.at,
      segmentsIn(config.audience),
    ],
  );
  await writeEvidence(client, by, action, before, after);
  return { ...after, updatedAt: by.at };
}

/** A draft has no workflow: being published is the first that one hears. */
async function tellWorkflow(
  client: PoolClient,
  by: Commander,
  before: ScheduleRecord,
  { id, version, status }: ScheduleRecord,
): Promise<void> {
  if (before.status === 'draft' && status !== 'scheduled') return;
  await writeCommand(client, by, id, version);
}

/** Served by occurrence_schedule_id_nominal_key. */
async function hasBegun(client: PoolClient, scheduleId: string): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from occurrence where schedule_id = $1 limit 1', [
    scheduleId,
  ]);
  return rowCount === 1;
}

/** Whether any open occurrence delivered another version until now. The same template stays at the version it is at. */
async function moveOpenOccurrences(
  client: PoolClient,
  scheduleId: string,
  version: number,
  templateId: string | null,
): Promise<boolean> {
  const newest = templateId === null ? null : await holdTemplateVersion(client, templateId);
  const { rowCount } = await client.query(
    `update occurrence
        set version = $2, template_id = $3,
            template_version = case when template_id = $3 then template_version else $4 end
      where schedule_id = $1 and state = 'open' and version <> $2`,
    [scheduleId, version, templateId, newest],
  );
  return (rowCount ?? 0) > 0;
}
