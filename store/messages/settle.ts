import { storedProvider } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import { STATE_CODES } from '../../domain/delivery/state';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import type { Instant } from '../../domain/time/instant';
import type { Queries } from '../database';
import { timestamp } from '../ledger';
import { AMONG, AS_READ, HELD_BY_OWNER, idColumns, leftColumns } from './claim';
import type { MessageAsRead } from './claim';
import { messageStepColumns, noteMessageSteps } from './steps';
import type { StepsOfMessage } from './steps';

/** How a message ends. Codes are of domain/delivery. */
export interface MessageOutcome extends StepsOfMessage {
  readonly channel: ChannelName;
  /** Who was asked last; null when nobody was. */
  readonly provider: string | null;
  readonly state: number;
  readonly reason: number | null;
  readonly attempts: number;
  /** Locale of the variant that was rendered. */
  readonly locale: string | null;
  readonly settledAt: Instant;
}

/** How a message ends that was picked and is not claimed. */
export interface RefusedMessage extends MessageOutcome {
  readonly message: MessageAsRead;
}

/** Records outcomes of claimed messages; only their owner does. Returns whose it was. */
export function settleMessages(
  db: Queries,
  outcomes: readonly MessageOutcome[],
  ownerId: string,
  slot: number,
): Promise<string[]> {
  return end(db, outcomes, slot, { held: HELD_BY_OWNER, by: ownerId, columns: [] });
}

/** Records that messages which were picked are not sent, if they are still ready and as they were judged. Returns which were. */
export function refuseMessages(
  db: Queries,
  refused: readonly RefusedMessage[],
  now: Instant,
  slot: number,
): Promise<string[]> {
  const read = refused.map(({ message }) => message);
  const columns = [read.map(({ version }) => version), ...leftColumns(read)];
  return end(db, refused, slot, { held: STILL_READY, by: timestamp(now), columns });
}

const STILL_READY = `
       select m.shard, m.id
         from unnest($1::smallint[], $2::uuid[], $13::int[], $14::uuid[], $15::smallint[], $16::text[])
              as w (shard, id, version, owner, attempts, provider)
         join pending_message m on m.shard = w.shard and m.id = w.id
        where ${AMONG} and ${AS_READ} and m.ready_at <= $3::timestamptz
        order by m.shard, m.id
          for update of m`;

/** Which messages may end. */
interface Ending {
  /** Locks those of the messages $1 and $2 that may, by $3, in the order of their key. */
  readonly held: string;
  readonly by: string;
  /** Further parameters, from $13 on. */
  readonly columns: readonly unknown[];
}

/**
 * Takes messages out of those that wait and into the ledger, with their counters, in one statement: a message is in
 * exactly one of the two. What a message has failed with can be mended, so that its template is kept for a replay.
 * @param slot spreads writers over rows of `counter`, readers sum.
 */
async function end(
  db: Queries,
  outcomes: readonly MessageOutcome[],
  slot: number,
  { held, by, columns }: Ending,
): Promise<string[]> {
  const ids = outcomes.map(({ id }) => id);
  const steps = messageStepColumns(outcomes);
  // Counters are raised in the order of their key, so that nobody waits in a ring.
  const { rows } = await db.pool.query<{ id: string }>(
    `with held as (${held}
     ), ended as (
       delete from pending_message m
        using held
        join unnest($2::uuid[], $4::date[], $5::text[], $6::smallint[], $7::smallint[], $8::smallint[], $9::text[],
                    $10::timestamptz[], $12::text[])
             as o (id, day, step, state, reason, attempts, locale, settled_at, provider) on o.id = held.id
        where ${AMONG} and m.shard = held.shard and m.id = held.id and m.state <> ${MESSAGE_STATE_CODES.schedule}
       returning m.id, m.rid, m.container_id, m.channel, m.zone, m.zone_source, m.due, m.template_id, o.day, o.step,
                 o.state, o.reason, o.attempts, o.locale, o.settled_at, o.provider
     ), recorded as (
       insert into delivery (day, occurrence_id, step, rid, state, reason, channel, provider, zone_source, attempts, zone,
                             locale, due, settled_at)
       select day, container_id, step, rid, state, reason, channel, provider, zone_source, attempts, zone, locale, due,
              settled_at
         from ended
     ), counted as (
       insert into counter (occurrence_id, step, variant, channel, state, slot, count)
       select container_id, '', '', channel, state, $11::smallint, count(*)
         from ended
        group by container_id, channel, state
        order by container_id, channel, state
       on conflict (occurrence_id, step, variant, channel, state, slot) do update
          set count = counter.count + excluded.count
     ), counted_by_provider as (
       insert into provider_total (channel, provider, state, slot, count)
       select channel, provider, state, $11::smallint, count(*)
         from ended
        where provider is not null and state in (${STATE_CODES.sent}, ${STATE_CODES.failed})
        group by channel, provider, state
        order by channel, provider, state
       on conflict (channel, provider, state, slot) do update set count = provider_total.count + excluded.count
     ), kept as (
       insert into message_data (day, id, template_id)
       select day, id, template_id
         from ended
        where state in (${REPLAYABLE}) and template_id is not null
       on conflict (day, id) do update set template_id = excluded.template_id
     )${steps === null ? '' : `, noted as (${noteMessageSteps('ended', 13 + columns.length)})`}
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
      outcomes.map(({ channel, provider }) => storedProvider(channel, provider)),
      ...columns,
      ...(steps ?? []),
    ],
  );
  return rows.map(({ id }) => id);
}

/** What somebody may have sent once more. */
const REPLAYABLE = [STATE_CODES.failed, STATE_CODES.unknown].join();
