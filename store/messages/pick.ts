import { onCapOfCode } from '../../domain/caps/rule';
import type { OnCap } from '../../domain/caps/rule';
import { channelOfCode } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import type { Priority } from '../../domain/delivery/priority';
import { reasonOfCode } from '../../domain/delivery/state';
import type { DeliveryReason } from '../../domain/delivery/state';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import type { MessageQueue } from '../../domain/messages/queue';
import type { Instant } from '../../domain/time/instant';
import type { Queries } from '../database';
import { timestamp } from '../ledger';
import { OWN, shardOf, within } from './queue-sql';

/** A message that is to be looked at, as it stood when it was read. */
export interface ReadyMessage {
  /** UUID. */
  readonly id: string;
  readonly shard: number;
  readonly version: number;
  readonly tenantId: number;
  readonly rid: string;
  readonly containerId: string;
  readonly category: string;
  readonly channel: ChannelName;
  readonly priority: Priority;
  /** Who carries it, as in the ledger. */
  readonly provider: string | null;
  readonly templateId: string | null;
  /** Whether message_data has something of it. */
  readonly sealed: boolean;
  readonly zone: string;
  readonly due: Instant;
  readonly expiresAt: Instant;
  readonly onCap: OnCap;
  /** Attempts of those who claimed it before; one that may have been made counts. */
  readonly attempts: number;
  /** Whose claim on it has run out; null when it was nobody's. */
  readonly owner: string | null;
  /** What they left: that it may have been accepted, or that a person wants it again. */
  readonly reason: DeliveryReason | null;
}

interface ReadyRow {
  id: string;
  shard: number;
  version: number;
  tenant_id: number;
  rid: string;
  container_id: string;
  category: string;
  channel: number;
  priority: Priority;
  provider: string | null;
  template_id: string | null;
  sealed: boolean;
  zone: string;
  due: Date;
  expires_at: Date;
  on_cap: number;
  attempts: number;
  reason: number | null;
  owner: string | null;
  state: number;
}

/**
 * What is ready in a queue, at most `limit` of it; nobody holds it meanwhile. When as much is ready, tenants take turns,
 * whatever each of them has waiting: of one tenant what is more pressing comes first, then what has waited longer.
 * @param without tenants whose turn it is not.
 */
export async function pickReady(
  db: Queries,
  queue: MessageQueue,
  now: Instant,
  limit: number,
  without: readonly number[] = [],
): Promise<ReadyMessage[]> {
  const values = [timestamp(now), limit];
  // All that they have waiting may be older than what others have: it is not read past.
  if (without.length === 0) {
    const oldest = await db.pool.query<ReadyRow>(oldestOf(queue), values);
    if (oldest.rows.length < limit) return oldest.rows.map(messageOf);
  }
  const inTurns = await db.pool.query<ReadyRow>(inTurnsOf(queue), [...values, without]);
  return inTurns.rows.map(messageOf);
}

const COLUMNS = `m.id, m.shard, m.version, m.tenant_id, m.rid, m.container_id, o.category, m.channel, m.priority,
            m.provider, m.template_id, m.sealed, m.zone, m.due, m.expires_at, m.on_cap, m.attempts, m.reason, m.owner, m.state`;

/** Served by pending_message_ordinary of the shard, or pending_message_urgent of each. */
function oldestOf(queue: MessageQueue): string {
  return `select ${COLUMNS}
       from pending_message m
       join occurrence o on o.id = m.container_id
      where ${within(queue)} and m.ready_at <= $1 and ${OWN}
      order by m.ready_at
      limit $2`;
}

/**
 * Served by the index on (tenant_id, priority, ready_at): it is asked for one tenant after the other, then for what each
 * of them has ready of each priority, at most its share of the limit. Whoever has less leaves the rest to the next pick.
 */
function inTurnsOf(queue: MessageQueue): string {
  const [first, last] = queue.kind === 'urgent' ? [1, 1] : [2, 5];
  const part = shardOf(queue);
  const ready = `${part} and m.tenant_id = l.tenant_id and m.priority = l.priority and m.ready_at <= $1
                and ${OWN}`;
  return `with recursive tenants as (
       (select m.tenant_id from pending_message m where ${part} order by m.tenant_id limit 1)
        union all
       select (select m.tenant_id
                 from pending_message m
                where ${part} and m.tenant_id > t.tenant_id
                order by m.tenant_id
                limit 1)
         from tenants t
        where t.tenant_id is not null
     ), lines as (
       select l.tenant_id, l.priority
         from (select tenant_id, p::smallint as priority
                 from tenants cross join generate_series(${first}, ${last}) p) l
        where l.tenant_id <> all($3::int[]) and exists (select 1 from pending_message m where ${ready})
     ), share as (
       select ceil($2::numeric / greatest(count(distinct tenant_id), 1))::int as most from lines
     ), turns as (
       select m.shard, m.id, m.ready_at,
              row_number() over (partition by l.tenant_id order by l.priority, m.ready_at) as turn
         from lines l
        cross join share s
        cross join lateral (select m.shard, m.id, m.ready_at
                              from pending_message m
                             where ${ready}
                             order by m.ready_at
                             limit s.most) m
     )
     select ${COLUMNS}
       from turns t
       join pending_message m on m.shard = t.shard and m.id = t.id
       join occurrence o on o.id = m.container_id
      order by t.turn, t.ready_at
      limit $2`;
}

function messageOf(row: ReadyRow): ReadyMessage {
  // Of a claim whose lease has run out nobody knows whether its message left: its owner died, or was cut off.
  const ownerLost = row.owner !== null;
  return {
    id: row.id,
    shard: row.shard,
    version: row.version,
    tenantId: row.tenant_id,
    rid: row.rid,
    containerId: row.container_id,
    category: row.category,
    channel: channelOfCode(row.channel),
    priority: row.priority,
    provider: row.provider,
    templateId: row.template_id,
    sealed: row.sealed,
    zone: row.zone,
    due: row.due.getTime(),
    expiresAt: row.expires_at.getTime(),
    onCap: onCapOfCode(row.on_cap),
    attempts: row.attempts + (ownerLost ? 1 : 0),
    owner: row.owner,
    reason: ownerLost ? 'owner-lost' : reasonOf(row),
  };
}

/** Why a message was held says nothing of its attempts. */
function reasonOf({ state, reason }: ReadyRow): DeliveryReason | null {
  return reason === null || state === MESSAGE_STATE_CODES.held ? null : reasonOfCode(reason);
}
