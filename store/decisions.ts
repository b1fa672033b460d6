import type { PoolClient } from 'pg';
import type { Decision } from '../domain/delivery/doubt';
import { REASON_CODES, STATE_CODES } from '../domain/delivery/state';
import { writeAudit } from './audit';
import type { Queries } from './database';
import { writeCommand } from './outbox';
import { lockSchedule } from './schedules';
import type { Commander, ScheduleRecord } from './schedules';
import { inTransaction } from './transaction';

/** Of which undecided messages of a schedule: of all, of one occurrence, of one person. */
export interface Undecided {
  /** Nominal time or row id. */
  readonly occurrence?: string | undefined;
  /** The customer's own id of a person. */
  readonly recipient?: string | undefined;
}

export type Decided =
  /** `people` is 0 when nobody was waiting, or all were decided on before. */
  | { readonly kind: 'done'; readonly people: number }
  /** Nothing of the schedule is sent any more; nothing was written. */
  | { readonly kind: 'over'; readonly record: ScheduleRecord }
  | { readonly kind: 'unknown' };

/** The state that each decision gives a row. A claim without owner is free for the next page, under the same id. */
const STATE_OF = {
  resend: STATE_CODES.claimed,
  sent: STATE_CODES.sent,
  failed: STATE_CODES.failed,
} as const satisfies Record<Decision, number>;

/**
 * Settles what waits for a person, or sends it back to be sent once more: then closed occurrences of it are open
 * again, and their schedule runs. Only rows that are undecided move, so that a decision made twice, or while a page
 * runs, changes nothing more.
 */
export async function decideUnknown(
  db: Queries,
  by: Commander,
  scheduleId: string,
  undecided: Undecided,
  decision: Decision,
): Promise<Decided> {
  return inTransaction(db, async (client): Promise<Decided> => {
    const record = await lockSchedule(client, by.tenantId, scheduleId);
    if (!record) return { kind: 'unknown' };
    if (decision === 'resend' && isOver(record)) return { kind: 'over', record };
    const occurrences = await lockOccurrences(client, scheduleId, undecided);
    const decided = await moveRows(client, by, occurrences, undecided, decision);
    const people = decided.reduce((sum, one) => sum + one.people, 0);
    if (people === 0) return { kind: 'done', people };
    await countAgain(client, decided);
    const runs = decision === 'resend' && (await reopen(client, by, record, decided));
    await writeAudit(client, by.tenantId, {
      at: by.at,
      action: 'decide',
      actorId: by.actorId,
      scheduleId,
      payloadDiff: {
        changed: runs ? ['deliveries', 'status'] : ['deliveries'],
        from: { deliveries: { unknown: people }, ...(runs && { status: record.status }) },
        to: { deliveries: { [decision]: people }, ...(runs && { status: 'running' }) },
      },
    });
    return { kind: 'done', people };
  });
}

function isOver({ status, archivedAt }: ScheduleRecord): boolean {
  return archivedAt !== null || status === 'cancelled' || status === 'failed';
}

/** Those that ever had somebody undecided. Held until the decision is committed, so that none closes in between. */
async function lockOccurrences(
  client: PoolClient,
  scheduleId: string,
  { occurrence }: Undecided,
): Promise<string[]> {
  // Served by occurrence_schedule_id_nominal_key and the primary key of counter.
  const { rows } = await client.query<{ id: string }>(
    `select o.id
       from occurrence o
      where o.schedule_id = $1
        and ($2::text is null or o.nominal = $2 or o.id::text = $2)
        and exists (select 1
                      from counter c
                     where c.occurrence_id = o.id and c.state = ${STATE_CODES.unknown})
      order by o.id
        for update`,
    [scheduleId, occurrence],
  );
  return rows.map(({ id }) => id);
}

interface DecidedOfOccurrence {
  readonly occurrenceId: string;
  readonly people: number;
}

/** Rows and counters in one statement. */
async function moveRows(
  client: PoolClient,
  { tenantId, at }: Commander,
  occurrences: readonly string[],
  { recipient }: Undecided,
  decision: Decision,
): Promise<DecidedOfOccurrence[]> {
  // Served by the partial index delivery_unknown of each partition. Rows and counters are locked in the order in which
  // pages lock them. Readers sum the slots of a counter: one of them may well be below zero.
  const { rows } = await client.query<DecidedOfOccurrence>(
    `with undecided as (
       select d.day, d.occurrence_id, d.step, d.rid
         from occurrence o
         join delivery d on d.day = o.day and d.occurrence_id = o.id
        where o.id = any ($1::bigint[])
          and d.state = ${STATE_CODES.unknown}
          and ($2::text is null
               or d.rid = (select r.rid from recipient r where r.tenant_id = $3 and r.external_id = $2))
        order by d.occurrence_id, d.step, d.rid
          for update of d
     ), decided as (
       update delivery d
          set state = $4::smallint, reason = ${REASON_CODES.decided}, lease_until = $5::timestamptz,
              settled_at = case when $5::timestamptz is null then d.settled_at end
         from undecided u
        where (d.day, d.occurrence_id, d.step, d.rid) = (u.day, u.occurrence_id, u.step, u.rid)
       returning d.occurrence_id, d.step, coalesce(d.channel, 0) as channel
     ), moved as (
       select occurrence_id, step, channel, ${STATE_CODES.unknown}::smallint as state, -count(*) as count
         from decided
        group by 1, 2, 3
        union all
       select occurrence_id, step, channel, $4::smallint, count(*)
         from decided
        where $4::smallint <> ${STATE_CODES.claimed}
        group by 1, 2, 3
     ), counted as (
       insert into counter (occurrence_id, step, variant, channel, state, slot, count)
       select occurrence_id, step, '', channel, state, 0, count
         from moved
        order by occurrence_id, step, channel, state
       on conflict (occurrence_id, step, variant, channel, state, slot) do update
          set count = counter.count + excluded.count
     )
     select occurrence_id as "occurrenceId", count(*)::int as people
       from decided
      group by 1`,
    [occurrences, recipient, tenantId, STATE_OF[decision], decision === 'resend' ? at : null],
  );
  return rows;
}

/** The counters of a closed occurrence are compared with the ledger once: they have moved since. */
async function countAgain(client: PoolClient, decided: readonly DecidedOfOccurrence[]): Promise<void> {
  await client.query('update occurrence set counted_at = null where id = any ($1::bigint[])', [
    decided.map(({ occurrenceId }) => occurrenceId),
  ]);
}

/** Opens again what has closed, and tells the workflow. Whether the schedule, which was completed, runs again. */
async function reopen(
  client: PoolClient,
  by: Commander,
  { id, version, status }: ScheduleRecord,
  decided: readonly DecidedOfOccurrence[],
): Promise<boolean> {
  await client.query(
    `update occurrence set state = 'open' where id = any ($1::bigint[]) and state <> 'open'`,
    [decided.map(({ occurrenceId }) => occurrenceId)],
  );
  const runs = status === 'completed';
  if (runs) {
    await client.query(`update schedule set status = 'running', updated_at = $2 where id = $1`, [id, by.at]);
  }
  await writeCommand(client, by, id, version);
  return runs;
}
