import type { ChannelName } from '../domain/delivery/channel';
import { calledProvider, channelOfCode } from '../domain/delivery/channel';
import { REASON_CODES, reasonOfCode, STATE_CODES } from '../domain/delivery/state';
import type { DeliveryReason } from '../domain/delivery/state';
import type { Step } from '../domain/delivery/step';
import { STEPS_OF_ROW, trailOf } from './attempts';
import type { StepsOfRow } from './attempts';
import { writeAudit } from './audit';
import type { Queries } from './database';
import type { Decided } from './decisions';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';
import { readPlace, writePlace } from './ledger-place';
import type { LedgerPlace } from './ledger-place';
import { isOver, lockOccurrences, moveRows, noteTakenBack, reopen } from './ledger-moves';
import type { Selection } from './ledger-moves';
import { lockSchedule } from './schedules';
import type { Commander } from './schedules';
import { inTransaction } from './transaction';

/** A message that ended as `failed`, after all attempts that were worth making. */
export interface DeadLetterRecord extends LedgerPlace {
  readonly scheduleId: string;
  readonly nominal: string;
  /** The customer's own id; null once the person is erased. */
  readonly recipient: string | null;
  readonly channel: ChannelName | null;
  readonly reason: DeliveryReason | null;
  readonly attempts: number;
  /** Who was asked last; null when nobody was. */
  readonly provider: string | null;
  /** What was tried, oldest first. */
  readonly trail: readonly Step[];
  readonly due: Date;
  readonly settledAt: Date | null;
}

export interface DeadLetterFilter {
  readonly scheduleId?: string | undefined;
  /** Nominal time or row id. */
  readonly occurrence?: string | undefined;
  readonly recipient?: string | undefined;
  readonly reason?: DeliveryReason | undefined;
}

interface DeadLetterRow {
  occurrence_id: string;
  schedule_id: string;
  nominal: string;
  step: string;
  rid: string;
  external_id: string | null;
  channel: number | null;
  reason: number | null;
  attempts: number;
  due: Date;
  settled_at: Date | null;
  provider: string | null;
  steps: StepsOfRow;
}

/** Those of a tenant, of the newest occurrence first, in each by step and in the order of the people's creation. */
export async function listDeadLetters(
  db: Queries,
  tenantId: number,
  filter: DeadLetterFilter,
  { limit, after }: Slice,
): Promise<Stretch<DeadLetterRecord>> {
  const place = readPlace(after);
  // Occurrences with failures come from the partial index counter_failed, or of one schedule from
  // occurrence_schedule_id_nominal_key; each one's rows from delivery_failed of its partition, at most `limit` of them.
  const { rows } = await db.pool.query<DeadLetterRow>(
    `select o.id as occurrence_id, o.schedule_id, o.nominal, d.step, d.rid, r.external_id, d.channel, d.reason,
            d.attempts, d.due, d.settled_at, d.provider,
            ${STEPS_OF_ROW} as steps
       from occurrence o
      cross join lateral (
        select *
          from delivery l
         where l.day = o.day
           and l.occurrence_id = o.id
           and l.state = ${STATE_CODES.failed}
           and ($2::bigint is null or o.id < $2 or (l.step, l.rid) > ($3, $4::bigint))
           and ($5::text is null or l.rid = (select rid from recipient where tenant_id = $1 and external_id = $5))
           and ($6::smallint is null or l.reason = $6)
         order by l.step, l.rid
         limit $9
      ) d
       join recipient r on r.rid = d.rid
      where o.tenant_id = $1
        and o.schedule_id is not null
        and o.dropped_at is null
        and ($2::bigint is null or o.id <= $2)
        and ($7::text is null or o.schedule_id = $7)
        and ($8::text is null or o.nominal = $8 or o.id::text = $8)
        and o.id in (select c.occurrence_id from counter c where c.state = ${STATE_CODES.failed})
      order by o.id desc, d.step, d.rid
      limit $9`,
    [
      tenantId,
      place?.occurrenceId,
      place?.step,
      place?.rid,
      filter.recipient,
      filter.reason === undefined ? null : REASON_CODES[filter.reason],
      filter.scheduleId,
      filter.occurrence,
      limit + 1,
    ],
  );
  const { items, next } = stretchOf(rows, limit, writePlace);
  return { items: items.map(recordOf), next };
}

/** The schedule of an occurrence of the tenant; null when there is none. */
export async function scheduleOfOccurrence(
  db: Queries,
  tenantId: number,
  occurrenceId: string,
): Promise<string | null> {
  const { rows } = await db.pool.query<{ schedule_id: string }>(
    'select schedule_id from occurrence where id = $2 and tenant_id = $1',
    [tenantId, occurrenceId],
  );
  return rows[0]?.schedule_id ?? null;
}

/**
 * Sends dead letters of a schedule back, to be sent once more with all of their retries: closed occurrences of theirs
 * are open again, and the schedule runs. Whoever has not `failed` any more is left alone.
 */
export async function replayDeadLetters(
  db: Queries,
  by: Commander,
  scheduleId: string,
  which: Omit<DeadLetterFilter, 'scheduleId'> & Pick<Selection, 'row'>,
): Promise<Decided> {
  const { reason, ...others } = which;
  const selection: Selection = {
    state: 'failed',
    ...others,
    ...(reason !== undefined && { reason: REASON_CODES[reason] }),
  };
  return inTransaction(db, async (client): Promise<Decided> => {
    const record = await lockSchedule(client, by.tenantId, scheduleId);
    if (!record) return { kind: 'unknown' };
    if (isOver(record)) return { kind: 'over', record };
    const occurrences = await lockOccurrences(client, scheduleId, selection);
    const sentBack = await moveRows(client, by, occurrences, selection, 'claimed');
    const people = sentBack.reduce((sum, one) => sum + one.people, 0);
    if (people === 0) return { kind: 'done', people };
    await noteTakenBack(client, by.tenantId, selection, sentBack);
    const runs = await reopen(client, by, record, sentBack);
    await writeAudit(client, by.tenantId, {
      at: by.at,
      action: 'replay',
      actorId: by.actorId,
      scheduleId,
      payloadDiff: {
        changed: runs ? ['deliveries', 'status'] : ['deliveries'],
        from: { deliveries: { failed: people }, ...(runs && { status: record.status }) },
        to: { deliveries: { resend: people }, ...(runs && { status: 'running' }) },
      },
    });
    return { kind: 'done', people };
  });
}

function recordOf(row: DeadLetterRow): DeadLetterRecord {
  const channel = row.channel === null ? null : channelOfCode(row.channel);
  return {
    occurrenceId: row.occurrence_id,
    scheduleId: row.schedule_id,
    nominal: row.nominal,
    step: row.step,
    rid: row.rid,
    recipient: row.external_id,
    channel,
    reason: row.reason === null ? null : reasonOfCode(row.reason),
    attempts: row.attempts,
    provider: calledProvider(channel, row.provider, row.attempts),
    trail: trailOf({ ...row, state: STATE_CODES.failed }),
    due: row.due,
    settledAt: row.settled_at,
  };
}
