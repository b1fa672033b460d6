import type { PoolClient } from 'pg';
import { REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import { STEP_CODES } from '../../domain/delivery/step';
import { messageDay, messageShard, uuidOfStep } from '../../domain/messages/message-id';
import { DAY } from '../../domain/time/instant';
import type { Commander } from '../schedules';

/** A message that waits again. */
export interface WaitsAgain {
  readonly uuid: string;
  readonly due: Date;
  readonly waiting: { readonly priority: number };
}

/** Whoever has one sent again grants it a day. */
const EXPIRES_AFTER = DAY;

const PRIORITY = 3;

/** What the row alone says when a message was refused at its first attempt. */
const REJECTIONS = [REASON_CODES['rejected-address'], REASON_CODES['rejected-message']].join();

/** Its row in the ledger, locked. */
export interface SettledMessage {
  occurrence_id: string;
  step: string;
  rid: string;
  channel: number;
  due: Date;
}

/** Which step the row of a message implies that has none, and with what it waits: as `moveRows` has it for schedules. */
const AGAIN = {
  failed: {
    implied: `g.reason in (${REJECTIONS})`,
    step: STEP_CODES.rejected,
    reason: REASON_CODES.replayed,
    provider: 'null',
  },
  unknown: {
    implied: 'true',
    step: STEP_CODES.unknown,
    reason: REASON_CODES.decided,
    provider: 'g.provider',
  },
} as const;

/**
 * In one statement, as they came: a message is in exactly one of the two. What was tried before stays on its way and does
 * not count any more. A dead letter begins anew with the first provider; what may have arrived stays with the one who had
 * it, who knows of the first copy. Readers sum the slots of a counter.
 */
export async function waitAgain(
  client: PoolClient,
  by: Commander,
  from: 'failed' | 'unknown',
  messages: readonly SettledMessage[],
): Promise<WaitsAgain[]> {
  const ids = messages.map(({ step }) => uuidOfStep(step));
  const again = AGAIN[from];
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
       select g.*, coalesce(a.seq, 0) as seq, a.seq is null and g.attempts = 1 and ${again.implied} as implied
         from gone g
         left join lateral (select max(seq) as seq
                              from attempt a
                             where a.day = g.day and a.occurrence_id = g.occurrence_id and a.step = g.step
                               and a.rid = g.rid) a on true
     ), noted as (
       insert into attempt (day, occurrence_id, step, rid, seq, channel, provider, at, result, reason)
       select day, occurrence_id, step, rid, 1, channel, provider, coalesce(settled_at, $9), ${again.step}, reason
         from told
        where implied
        union all
       select day, occurrence_id, step, rid, seq + implied::int + 1, channel, null, $9::timestamptz,
              ${STEP_CODES.restarted}, ${again.reason}
         from told
     ), counted as (
       insert into counter (occurrence_id, step, variant, channel, state, slot, count)
       select occurrence_id, '', '', channel, ${STATE_CODES[from]}, 0, -count(*)
         from gone
        group by occurrence_id, channel
        order by occurrence_id, channel
       on conflict (occurrence_id, step, variant, channel, state, slot) do update
          set count = counter.count + excluded.count
     )
     insert into pending_message (id, shard, tenant_id, rid, container_id, channel, provider, due, expires_at, created_at,
                                  priority, attempts, zone, zone_source, reason, template_id, sealed)
     select g.id, g.shard, $7, g.rid, g.occurrence_id, g.channel, ${again.provider}, g.due, $8::timestamptz, $9,
            ${PRIORITY}, g.attempts, g.zone, g.zone_source, ${again.reason}, m.template_id, m.sealed is not null
       from gone g
       left join message_data m on m.day = g.day and m.id = g.id`,
    [
      ids,
      ids.map(messageShard),
      ids.map(messageDay),
      messages.map(({ occurrence_id }) => occurrence_id),
      messages.map(({ step }) => step),
      messages.map(({ rid }) => rid),
      by.tenantId,
      new Date(by.at.getTime() + EXPIRES_AFTER),
      by.at,
    ],
  );
  return messages.map(({ step: ulid, due }) => ({
    uuid: uuidOfStep(ulid),
    due,
    waiting: { priority: PRIORITY },
  }));
}
