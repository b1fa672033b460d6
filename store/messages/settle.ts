import { STATE_CODES } from '../../domain/delivery/state';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import type { Instant } from '../../domain/time/instant';
import type { Queries } from '../database';
import { timestamp } from '../ledger';
import { AMONG, HELD_BY_OWNER, idColumns } from './claim';

/** How a message ends. Codes are of domain/delivery. */
export interface MessageOutcome {
  /** UUID. */
  readonly id: string;
  readonly state: number;
  readonly reason: number | null;
  readonly attempts: number;
  /** Locale of the variant that was rendered. */
  readonly locale: string | null;
  readonly settledAt: Instant;
}

/** Records outcomes of claimed messages; only their owner does. Returns whose it was. */
export function settleMessages(
  db: Queries,
  outcomes: readonly MessageOutcome[],
  ownerId: string,
  slot: number,
): Promise<string[]> {
  return end(db, outcomes, slot, HELD_BY_OWNER, ownerId);
}

/** Records that messages which were picked are not sent, if they are still ready. Returns which were. */
export function refuseMessages(
  db: Queries,
  outcomes: readonly MessageOutcome[],
  now: Instant,
  slot: number,
): Promise<string[]> {
  return end(db, outcomes, slot, STILL_READY, timestamp(now));
}

const STILL_READY = `
       select m.shard, m.id
         from pending_message m
        where m.shard = any($1::smallint[]) and m.id = any($2::uuid[]) and m.ready_at <= $3::timestamptz
        order by m.shard, m.id
          for update`;

/**
 * Takes messages out of those that wait and into the ledger, with their counters, in one statement: a message is in
 * exactly one of the two. What a message has failed with can be mended, so that its template is kept for a replay.
 * @param held locks the messages $1 and $2 that may end so, by $3, in the order of their key.
 * @param slot spreads writers over rows of `counter`, readers sum.
 */
async function end(
  db: Queries,
  outcomes: readonly MessageOutcome[],
  slot: number,
  held: string,
  by: string,
): Promise<string[]> {
  const ids = outcomes.map(({ id }) => id);
  // Counters are raised in the order of their key, so that nobody waits in a ring.
  const { rows } = await db.pool.query<{ id: string }>(
    `with held as (${held}
     ), ended as (
       delete from pending_message m
        using held
        join unnest($2::uuid[], $4::date[], $5::text[], $6::smallint[], $7::smallint[], $8::smallint[], $9::text[],
                    $10::timestamptz[])
             as o (id, day, step, state, reason, attempts, locale, settled_at) on o.id = held.id
        where ${AMONG} and m.shard = held.shard and m.id = held.id and m.state <> ${MESSAGE_STATE_CODES.schedule}
       returning m.id, m.rid, m.container_id, m.channel, m.zone, m.zone_source, m.due, m.template_id, o.day, o.step,
                 o.state, o.reason, o.attempts, o.locale, o.settled_at
     ), recorded as (
       insert into delivery (day, occurrence_id, step, rid, state, reason, channel, zone_source, attempts, zone, locale,
                             due, settled_at)
       select day, container_id, step, rid, state, reason, channel, zone_source, attempts, zone, locale, due, settled_at
         from ended
     ), counted as (
       insert into counter (occurrence_id, step, variant, channel, state, slot, count)
       select container_id, '', '', channel, state, $11::smallint, count(*)
         from ended
        group by container_id, channel, state
        order by container_id, channel, state
       on conflict (occurrence_id, step, variant, channel, state, slot) do update
          set count = counter.count + excluded.count
     ), kept as (
       insert into message_data (day, id, template_id)
       select day, id, template_id
         from ended
        where state in (${REPLAYABLE}) and template_id is not null
       on conflict (day, id) do update set template_id = excluded.template_id
     )
     select id from ended`,
    [
      ...idColumns(ids),
      by,
      ids.map(messageDay),
      ids.map(messageStep),
      outcomes.map(({ state }) => state),
      outcomes.map(({ reason }) => reason),
      outcomes.map(({ attempts }) => attempts),
      outcomes.map(({ locale }) => locale),
      outcomes.map(({ settledAt }) => timestamp(settledAt)),
      slot,
    ],
  );
  return rows.map(({ id }) => id);
}

/** What somebody may have sent once more. */
const REPLAYABLE = [STATE_CODES.failed, STATE_CODES.unknown].join();
