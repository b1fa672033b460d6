import type { PoolClient } from 'pg';
import { REASON_CODES, STATE_CODES } from '../domain/delivery/state';
import type { DeliveryReason } from '../domain/delivery/state';
import { STEP_CODES } from '../domain/delivery/step';
import { writeCommand } from './outbox';
import type { Commander, ScheduleRecord } from './schedules';

/** Which rows of a schedule are meant: all that have the state, or some of them. */
export interface Selection {
  readonly state: 'unknown' | 'failed';
  /** Nominal time or row id. */
  readonly occurrence?: string | undefined;
  /** The customer's own id of a person. */
  readonly recipient?: string | undefined;
  /** Code of the reason that they have. */
  readonly reason?: number | undefined;
  /** A single row of an occurrence. */
  readonly row?: { readonly step: string; readonly rid: string } | undefined;
}

/** What becomes of them. A claim without owner is free for the next page, under the same message id. */
export type Destination = 'claimed' | 'sent' | 'failed';

/** What a row says of why it moved. A dead letter was certainly not accepted; of what was unknown nobody is sure. */
const REASON_OF = { unknown: 'decided', failed: 'replayed' } as const satisfies Record<
  Selection['state'],
  DeliveryReason
>;

/**
 * A dead letter begins anew with the first channel. What may have arrived is sent once more by the one who had it: the
 * other providers know nothing of the first copy.
 */
const PLACE_OF = {
  unknown: { channel: 'd.channel', provider: 'd.provider' },
  failed: {
    channel: `case when $4::smallint <> ${STATE_CODES.claimed} then d.channel end`,
    provider: `case when $4::smallint <> ${STATE_CODES.claimed} then d.provider end`,
  },
} as const satisfies Record<Selection['state'], { channel: string; provider: string }>;

/** The step of a row that has none because its outcome said it: it is written before the outcome goes. */
const STEP_OF = { unknown: STEP_CODES.unknown, failed: STEP_CODES.rejected } as const;
const IMPLIED = {
  unknown: 'true',
  failed: `u.reason in (${REASON_CODES['rejected-address']}, ${REASON_CODES['rejected-message']})`,
} as const satisfies Record<Selection['state'], string>;

/** How many rows moved in one occurrence. */
export interface Moved {
  readonly occurrenceId: string;
  /** Code of the channel; 0 of people who never came to one. */
  readonly channel: number;
  readonly people: number;
}

/** Those that ever had somebody in the state, and still have their rows. Held until the move is committed, so that none closes in between. */
export async function lockOccurrences(
  client: PoolClient,
  scheduleId: string,
  { state, occurrence }: Selection,
): Promise<string[]> {
  // Served by occurrence_schedule_id_nominal_key and the primary key of counter.
  const { rows } = await client.query<{ id: string }>(
    `select o.id
       from occurrence o
      where o.schedule_id = $1
        and o.dropped_at is null
        and ($2::text is null or o.nominal = $2 or o.id::text = $2)
        and exists (select 1
                      from counter c
                     where c.occurrence_id = o.id and c.state = $3)
      order by o.id
        for update`,
    [scheduleId, occurrence, STATE_CODES[state]],
  );
  return rows.map(({ id }) => id);
}

/**
 * Moves rows that a person has decided on, and their counters, in one statement. Only rows that still have the state
 * move, so that a decision made twice, or while a page runs, changes nothing more. What is sent once more is a step of
 * its way. Who is decided to have `failed` leaves
 * their address to the next person who has it.
 */
export async function moveRows(
  client: PoolClient,
  { tenantId, at }: Commander,
  occurrences: readonly string[],
  { state, recipient, reason, row }: Selection,
  to: Destination,
): Promise<Moved[]> {
  // Served by the partial index delivery_unknown or delivery_failed of each partition: the state is no parameter for
  // their sake. Rows and counters are locked in the order in which pages lock them. Readers sum the slots of a
  // counter: one of them may well be below zero.
  const { rows } = await client.query<Moved>(
    `with chosen as (
       select d.day, d.occurrence_id, d.step, d.rid, d.channel, d.provider, d.reason, d.attempts, d.settled_at
         from occurrence o
         join delivery d on d.day = o.day and d.occurrence_id = o.id
        where o.id = any ($1::bigint[])
          and d.state = ${STATE_CODES[state]}
          and ($2::text is null
               or d.rid = (select r.rid from recipient r where r.tenant_id = $3 and r.external_id = $2))
          and ($6::smallint is null or d.reason = $6)
          and ($7::text is null or (d.step = $7 and d.rid = $8::bigint))
        order by d.occurrence_id, d.step, d.rid
          for update of d
     ), told as (
       select u.*, coalesce(a.seq, 0) as seq, a.seq is null and u.attempts = 1 and ${IMPLIED[state]} as implied
         from chosen u
         left join lateral (select max(seq) as seq
                              from attempt a
                             where a.day = u.day and a.occurrence_id = u.occurrence_id and a.step = u.step
                               and a.rid = u.rid) a on true
        where $4::smallint = ${STATE_CODES.claimed}
     ), noted as (
       insert into attempt (day, occurrence_id, step, rid, seq, channel, provider, at, result, reason)
       select day, occurrence_id, step, rid, 1, channel, provider, coalesce(settled_at, $5), ${STEP_OF[state]}, reason
         from told
        where implied
        union all
       select day, occurrence_id, step, rid, seq + implied::int + 1, channel, null, $5, ${STEP_CODES.restarted},
              ${REASON_CODES[REASON_OF[state]]}
         from told
     ), decided as (
       update delivery d
          set state = $4::smallint, reason = ${REASON_CODES[REASON_OF[state]]}, lease_until = $5::timestamptz,
              settled_at = case when $5::timestamptz is null then d.settled_at end,
              channel = ${PLACE_OF[state].channel}, provider = ${PLACE_OF[state].provider},
              address_key = case when $4::smallint <> ${STATE_CODES.failed} then d.address_key end
         from chosen u
        where (d.day, d.occurrence_id, d.step, d.rid) = (u.day, u.occurrence_id, u.step, u.rid)
       returning d.occurrence_id, d.step, coalesce(u.channel, 0) as channel
     ), moved as (
       select occurrence_id, step, channel, ${STATE_CODES[state]}::smallint as state, -count(*) as count
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
     select occurrence_id as "occurrenceId", channel, count(*)::int as people
       from decided
      group by 1, 2`,
    [
      occurrences,
      recipient,
      tenantId,
      STATE_CODES[to],
      to === 'claimed' ? at : null,
      reason,
      row?.step,
      row?.rid,
    ],
  );
  // The counters of a closed occurrence are compared with the ledger once: they have moved since.
  await client.query('update occurrence set counted_at = null where id = any ($1::bigint[])', [
    rows.map(({ occurrenceId }) => occurrenceId),
  ]);
  return rows;
}

/**
 * Keeps lifetime totals from going down when people leave a final state (see `readTotals`). After `moveRows`: totals
 * are locked after counters.
 */
export async function noteTakenBack(
  client: PoolClient,
  tenantId: number,
  { state }: Selection,
  moved: readonly Moved[],
): Promise<void> {
  await client.query(
    `insert into outcome_total (tenant_id, channel, state, slot, count, taken_back)
     select $1, m.channel, $2, 0, 0, sum(m.people)
       from unnest($3::smallint[], $4::int[]) as m (channel, people)
      group by m.channel
      order by m.channel
     on conflict (tenant_id, channel, state, slot) do update
        set taken_back = outcome_total.taken_back + excluded.taken_back`,
    [tenantId, STATE_CODES[state], moved.map(({ channel }) => channel), moved.map(({ people }) => people)],
  );
}

/** Opens again what has closed, and tells the workflow. Whether the schedule, which was completed, runs again. */
export async function reopen(
  client: PoolClient,
  by: Commander,
  { id, version, status }: ScheduleRecord,
  moved: readonly Moved[],
): Promise<boolean> {
  await client.query(
    `update occurrence set state = 'open' where id = any ($1::bigint[]) and state <> 'open'`,
    [moved.map(({ occurrenceId }) => occurrenceId)],
  );
  const runs = status === 'completed';
  if (runs) {
    await client.query(`update schedule set status = 'running', updated_at = $2 where id = $1`, [id, by.at]);
  }
  await writeCommand(client, by, id, version);
  return runs;
}

/** Nothing of it is sent any more. */
export function isOver({ status, archivedAt }: ScheduleRecord): boolean {
  return archivedAt !== null || status === 'cancelled' || status === 'failed';
}
