import type { PoolClient } from 'pg';
import { REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import { STEP_CODES } from '../../domain/delivery/step';
import { messageDay, messageShard, messageStep, uuidOfStep } from '../../domain/messages/message-id';
import { DAY } from '../../domain/time/instant';
import { writeAudit } from '../audit';
import type { Queries } from '../database';
import { noteTakenBack } from '../ledger-moves';
import type { Commander } from '../schedules';
import { inOrderlyTransaction } from '../transaction';

/** Which dead letters that belong to no schedule are meant: those that satisfy every part. */
export interface MessageReplay {
  /** UUID. */
  readonly id?: string | undefined;
  /** The customer's own id of a person. */
  readonly recipient?: string | undefined;
  /** Code of the reason that they failed for. */
  readonly reason?: number | undefined;
}

/** A message that waits again. */
export interface ReplayedMessage {
  readonly uuid: string;
  readonly due: Date;
  readonly waiting: { readonly priority: number };
}

/** One transaction takes so many: few enough that nobody who sends waits long for the counters. */
const MOST = 5_000;

/** Whoever has one sent again grants it a day. */
const EXPIRES_AFTER = DAY;

const PRIORITY = 3;

/** What the row alone says when a message was refused at its first attempt. */
const REJECTIONS = [REASON_CODES['rejected-address'], REASON_CODES['rejected-message']].join();

interface FailedRow {
  occurrence_id: string;
  step: string;
  rid: string;
  channel: number;
  due: Date;
}

/**
 * Takes dead letters out of the ledger and has them wait again, due as they were, to be sent with all of their retries.
 * Returns them, at most some thousands at a time.
 */
export async function replayMessages(
  db: Queries,
  by: Commander,
  which: MessageReplay,
): Promise<ReplayedMessage[]> {
  return inOrderlyTransaction(db, async (client) => {
    const failed = await lockFailed(client, by.tenantId, which);
    if (failed.length === 0) return [];
    await waitAgain(client, by, failed);
    await noteTakenBack(client, by.tenantId, { state: 'failed' }, movedOf(failed));
    await writeAudit(client, by.tenantId, {
      at: by.at,
      action: 'replay',
      actorId: by.actorId,
      scheduleId: null,
      payloadDiff: {
        changed: ['deliveries'],
        from: { deliveries: { failed: failed.length } },
        to: { deliveries: { resend: failed.length } },
      },
    });
    return failed.map(({ step, due }) => ({ uuid: uuidOfStep(step), due, waiting: { priority: PRIORITY } }));
  });
}

async function lockFailed(
  client: PoolClient,
  tenantId: number,
  { id, recipient, reason }: MessageReplay,
): Promise<FailedRow[]> {
  // Containers with failures come from the partial index counter_failed, each one's rows from delivery_failed of its
  // partition: the state is no parameter for their sake. Locked in the order in which everybody locks them, and with their
  // container: whoever drops its day holds that while they look for messages of it that wait.
  const { rows } = await client.query<FailedRow>(
    `select d.occurrence_id, d.step, d.rid, d.channel, d.due
       from occurrence o
       join delivery d on d.day = o.day and d.occurrence_id = o.id
      where o.tenant_id = $1
        and o.schedule_id is null
        and o.dropped_at is null
        and o.id in (select c.occurrence_id from counter c where c.state = ${STATE_CODES.failed})
        and d.state = ${STATE_CODES.failed}
        and ($2::text is null or d.step = $2 and o.day = $3::date)
        and ($4::text is null or d.rid = (select rid from recipient where tenant_id = $1 and external_id = $4))
        and ($5::smallint is null or d.reason = $5)
        and exists (select 1 from recipient r where r.rid = d.rid and r.erased_at is null)
      order by d.occurrence_id, d.step, d.rid
      limit ${MOST}
        for update of d
        for key share of o`,
    [
      tenantId,
      id === undefined ? null : messageStep(id),
      id === undefined ? null : messageDay(id),
      recipient,
      reason,
    ],
  );
  return rows;
}

/**
 * In one statement, as they came: a message is in exactly one of the two. What was tried before stays on its way and does
 * not count any more, so that it begins anew with the first provider. Readers sum the slots of a counter.
 */
async function waitAgain(client: PoolClient, by: Commander, failed: readonly FailedRow[]): Promise<void> {
  const ids = failed.map(({ step }) => uuidOfStep(step));
  await client.query(
    `with chosen as (
       select *
         from unnest($1::uuid[], $2::smallint[], $3::date[], $4::bigint[], $5::text[], $6::bigint[])
              as c (id, shard, day, occurrence_id, step, rid)
     ), gone as (
       delete from delivery d
        using chosen c
        where (d.day, d.occurrence_id, d.step, d.rid) = (c.day, c.occurrence_id, c.step, c.rid)
       returning c.id, c.shard, c.day, d.occurrence_id, d.step, d.rid, d.channel, d.provider, d.due, d.zone,
                 d.zone_source, d.attempts, d.reason, d.settled_at
     ), told as (
       select g.*, coalesce(a.seq, 0) as seq, a.seq is null and g.attempts = 1 and g.reason in (${REJECTIONS}) as implied
         from gone g
         left join lateral (select max(seq) as seq
                              from attempt a
                             where a.day = g.day and a.occurrence_id = g.occurrence_id and a.step = g.step
                               and a.rid = g.rid) a on true
     ), noted as (
       insert into attempt (day, occurrence_id, step, rid, seq, channel, provider, at, result, reason)
       select day, occurrence_id, step, rid, 1, channel, provider, coalesce(settled_at, $9), ${STEP_CODES.rejected}, reason
         from told
        where implied
        union all
       select day, occurrence_id, step, rid, seq + implied::int + 1, channel, null, $9::timestamptz,
              ${STEP_CODES.restarted}, ${REASON_CODES.replayed}
         from told
     ), counted as (
       insert into counter (occurrence_id, step, variant, channel, state, slot, count)
       select occurrence_id, '', '', channel, ${STATE_CODES.failed}, 0, -count(*)
         from gone
        group by occurrence_id, channel
        order by occurrence_id, channel
       on conflict (occurrence_id, step, variant, channel, state, slot) do update
          set count = counter.count + excluded.count
     )
     insert into pending_message (id, shard, tenant_id, rid, container_id, channel, due, expires_at, created_at, priority,
                                  attempts, zone, zone_source, reason, template_id, sealed)
     select g.id, g.shard, $7, g.rid, g.occurrence_id, g.channel, g.due, $8::timestamptz, $9, ${PRIORITY}, g.attempts,
            g.zone, g.zone_source, ${REASON_CODES.replayed}, m.template_id, m.sealed is not null
       from gone g
       left join message_data m on m.day = g.day and m.id = g.id`,
    [
      ids,
      ids.map(messageShard),
      ids.map(messageDay),
      failed.map(({ occurrence_id }) => occurrence_id),
      failed.map(({ step }) => step),
      failed.map(({ rid }) => rid),
      by.tenantId,
      new Date(by.at.getTime() + EXPIRES_AFTER),
      by.at,
    ],
  );
}

function movedOf(failed: readonly FailedRow[]) {
  return failed.map(({ occurrence_id, channel }) => ({ occurrenceId: occurrence_id, channel, people: 1 }));
}
