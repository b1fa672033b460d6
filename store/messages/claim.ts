import { isDoubt } from '../../domain/delivery/doubt';
import type { Doubt } from '../../domain/delivery/doubt';
import { REASON_CODES } from '../../domain/delivery/state';
import { STEP_CODES } from '../../domain/delivery/step';
import { messageDay, messageShard, messageStep } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import type { Instant } from '../../domain/time/instant';
import type { Database } from '../database';
import { timestamp } from '../ledger';
import type { CountedBy, Owner } from '../ledger';
import type { ReadyMessage } from './pick';
import { messageStepColumns, messageStepsBefore, noteMessageSteps } from './steps';
import type { StepsOfMessage } from './steps';

/** What came of a try to claim messages of a tenant. */
export interface ClaimedMessages {
  /** Ids of those that are the owner's now. The others are somebody else's, or not as they were read any more. */
  readonly ids: ReadonlySet<string>;
  /** Whether the count of the caps that they were admitted by still stood; nothing is claimed otherwise. */
  readonly count: 'stands' | 'replaced';
}

/**
 * Claims messages of a tenant that were picked: those that are still ready and as they were read, and whose person was
 * not erased since. A claim whose lease ran out is taken over, unless it is the owner's own: its message is on the way. As `claim` of store/ledger.ts, with `countedBy` nothing is
 * claimed once that count is replaced.
 */
export async function claimMessages(
  db: Database,
  messages: readonly ReadyMessage[],
  owner: Owner,
  now: Instant,
  countedBy: CountedBy | null,
): Promise<ClaimedMessages> {
  // Served by the primary key of each partition. Locked in its order, as everywhere.
  const { rows } = await db.pool.query<{ counts: boolean; ids: string[] }>(
    `with counted as (
       select 1 from cap_epoch where tenant_id = $7::int and epoch = $8::text for share
     ), standing as (
       select $8::text is null or exists (select 1 from counted) as counts
     ), free as (
       select m.shard, m.id, m.rid, m.container_id, m.channel, m.provider, m.owner is not null as owned, w.day, w.step
         from unnest($1::smallint[], $2::uuid[], $3::int[], $9::date[], $10::text[], $11::uuid[], $12::smallint[], $13::text[])
              as w (shard, id, version, day, step, owner, attempts, provider)
         join pending_message m on m.shard = w.shard and m.id = w.id
        cross join standing
        where standing.counts and ${AS_READ} and m.ready_at <= $6 and m.owner is distinct from $4::uuid
          and exists (select 1 from recipient r where r.rid = m.rid and r.erased_at is null)
        order by m.shard, m.id
          for update of m
     ), doubted as (
       insert into attempt (day, occurrence_id, step, rid, seq, channel, provider, at, result, reason)
       select f.day, f.container_id, f.step, f.rid, ${messageStepsBefore('f.day', 'f', 'f.step')} + 1, f.channel,
              f.provider, $6, ${STEP_CODES.unknown}, ${REASON_CODES['owner-lost']}
         from free f
        where f.owned
     ), claimed as (
       update pending_message m
          set state = ${MESSAGE_STATE_CODES.claimed}, owner = $4, lease_until = $5,
              attempts = m.attempts + (m.owner is not null)::int,
              reason = case when m.owner is not null then ${REASON_CODES['owner-lost']}
                            when m.state <> ${MESSAGE_STATE_CODES.held} then m.reason end
         from free
        where ${AMONG} and m.shard = free.shard and m.id = free.id
       returning m.id
     )
     select standing.counts, array(select id from claimed) as ids from standing`,
    [
      ...keyColumns(messages),
      messages.map(({ version }) => version),
      owner.id,
      timestamp(owner.leaseUntil),
      timestamp(now),
      countedBy?.tenantId ?? null,
      countedBy?.epoch ?? null,
      messages.map(({ id }) => messageDay(id)),
      messages.map(({ id }) => messageStep(id)),
      ...leftColumns(messages),
    ],
  );
  return { ids: new Set(rows[0]?.ids), count: rows[0]?.counts === false ? 'replaced' : 'stands' };
}

/** Lengthens the leases that are still the owner's, and says of which messages they are. */
export async function extendMessageLeases(
  db: Database,
  ids: readonly string[],
  owner: Owner,
): Promise<string[]> {
  const { rows } = await db.pool.query<{ id: string }>(
    `with held as (${HELD_BY_OWNER})
     update pending_message m
        set lease_until = $4
       from held
      where ${AMONG} and m.shard = held.shard and m.id = held.id
     returning m.id`,
    [...idColumns(ids), owner.id, timestamp(owner.leaseUntil)],
  );
  return rows.map(({ id }) => id);
}

/** A claimed message on its way back. */
export interface ReturnedMessage extends StepsOfMessage {
  /** Null for not once. */
  readonly attempts: number | null;
  /** Whether an attempt of this claim may have been accepted. */
  readonly doubt: Doubt | null;
  /** When it is to be tried again. */
  readonly retryAt: Instant;
}

/**
 * Gives claims back: nobody owns them, and they are ready again at their own time. Of one that may have been accepted
 * its sender cannot dispose any more; the others wait as they did before they were claimed.
 */
export async function giveBackMessages(
  db: Database,
  messages: readonly ReturnedMessage[],
  ownerId: string,
): Promise<void> {
  const steps = messageStepColumns(messages);
  await db.pool.query(
    `with held as (${HELD_BY_OWNER}
     )${steps === null ? '' : `, noted as (${noteMessageSteps('held', 7)})`}
     update pending_message m
        set owner = null, lease_until = r.retry_at, attempts = coalesce(r.attempts, m.attempts),
            reason = coalesce(r.doubt, m.reason),
            state = case when coalesce(r.doubt, m.reason) in (${DOUBTS}) then m.state
                         else ${MESSAGE_STATE_CODES.pending} end
       from held
       join unnest($2::uuid[], $4::smallint[], $5::smallint[], $6::timestamptz[])
            as r (id, attempts, doubt, retry_at) on r.id = held.id
      where ${AMONG} and m.shard = held.shard and m.id = held.id`,
    [
      ...idColumns(messages.map(({ id }) => id)),
      ownerId,
      messages.map(({ attempts }) => attempts),
      messages.map(({ doubt }) => (doubt === null ? null : REASON_CODES[doubt])),
      messages.map(({ retryAt }) => timestamp(retryAt)),
      ...(steps ?? []),
    ],
  );
}

/** Puts messages off that were picked and cannot be claimed now: they are ready again at `until`. */
export async function putOffMessages(
  db: Database,
  messages: readonly ReadyMessage[],
  now: Instant,
  until: Instant,
): Promise<void> {
  await db.pool.query(
    `with free as (
       select m.shard, m.id
         from unnest($1::smallint[], $2::uuid[], $3::int[]) as w (shard, id, version)
         join pending_message m on m.shard = w.shard and m.id = w.id
        where m.version = w.version and m.ready_at <= $4
        order by m.shard, m.id
          for update of m
     )
     update pending_message m
        set lease_until = $5
       from free
      where ${AMONG} and m.shard = free.shard and m.id = free.id`,
    [...keyColumns(messages), messages.map(({ version }) => version), timestamp(now), timestamp(until)],
  );
}

const DOUBTS = (Object.keys(REASON_CODES) as (keyof typeof REASON_CODES)[])
  .filter(isDoubt)
  .map((doubt) => REASON_CODES[doubt])
  .join(', ');

/** Locks those of the messages $1 and $2 that are owner $3's, in the order of their key. */
export const HELD_BY_OWNER = `
       select m.shard, m.id, m.rid, m.container_id
         from pending_message m
        where m.shard = any($1::smallint[]) and m.id = any($2::uuid[])
          and m.state = ${MESSAGE_STATE_CODES.claimed} and m.owner = $3::uuid
        order by m.shard, m.id
          for update`;

/** Says once more which messages are meant: without it the planner may read whole partitions to find them. */
export const AMONG = 'm.shard = any($1::smallint[]) and m.id = any($2::uuid[])';

/** What is known of a message that was picked: it was judged by that. */
export type MessageAsRead = Pick<ReadyMessage, 'version' | 'owner' | 'attempts' | 'provider'>;

/** Whether the message `m` still is what was read of it, `w`: others may have tried it since and left a doubt. */
export const AS_READ = `m.version = w.version and m.owner is not distinct from w.owner
          and m.attempts + (m.owner is not null)::int = w.attempts and m.provider is not distinct from w.provider`;

/** What those who claimed messages before left, as parameters of `unnest`. */
export function leftColumns(messages: readonly MessageAsRead[]): unknown[][] {
  return [
    messages.map(({ owner }) => owner),
    messages.map(({ attempts }) => attempts),
    messages.map(({ provider }) => provider),
  ];
}

/** Shard and id of messages, as parameters of `unnest`. */
export function idColumns(ids: readonly string[]): [number[], readonly string[]] {
  return [ids.map(messageShard), ids];
}

function keyColumns(messages: readonly Pick<ReadyMessage, 'id'>[]): [number[], readonly string[]] {
  return idColumns(messages.map(({ id }) => id));
}
