import { CHANNEL_CODES } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import { messageDay, messageShard } from '../../domain/messages/message-id';
import { ZONE_SOURCE_CODES } from '../../domain/recipient/zone-source';
import type { ZoneSource } from '../../domain/recipient/zone-source';
import { DAY } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { Queries } from '../database';
import { timestamp } from '../ledger';
import { againAfterDeadlock } from '../transaction';
import { WAITS } from './dedupe';

/** A message that was judged and is to wait for its instant. */
export interface NewMessage {
  readonly uuid: string;
  readonly tenantId: number;
  readonly rid: string;
  readonly containerId: string;
  readonly channel: ChannelName;
  readonly priority: number;
  readonly templateId: string | null;
  readonly due: Instant;
  /** `YYYY-MM-DDTHH:mm:ss`; null when an instant was asked for. */
  readonly wallTime: string | null;
  readonly zone: string;
  readonly zoneSource: ZoneSource;
  readonly expiresAt: Instant;
  /** What it says beyond its template. */
  readonly sealed: Uint8Array | null;
  /** Hash of the key that its sender gave it; null without. */
  readonly keyHash: string | null;
}

/** How long a key is known at least; as long as its message waits, if that is longer. */
export const DEDUPE_MS = 7 * DAY;

/**
 * Accepts messages, several tenants' at once, in one statement. A message whose key was given to another one is not
 * accepted: for each the id of the message that its key belongs to now, its own when it was accepted.
 */
export async function acceptMessages(
  db: Queries,
  messages: readonly NewMessage[],
  now: Instant,
): Promise<string[]> {
  const { rows } = await againAfterDeadlock(() =>
    db.pool.query<{ id: string }>({ name: 'message-accept', text: ACCEPT, values: columnsOf(messages, now) }),
  );
  const accepted = new Set(rows.map(({ id }) => id));
  if (accepted.size === messages.length) return messages.map(({ uuid }) => uuid);
  const holders = await holdersOf(db, messages);
  return messages.map(({ uuid, tenantId, keyHash }) => {
    if (accepted.has(uuid)) return uuid;
    const holder = holders.get(`${tenantId} ${keyHash}`);
    if (holder === undefined) throw new Error('A message was not accepted, and its key belongs to none.');
    return holder;
  });
}

// A key is taken by the first that comes: within the statement as well, because who is second finds it taken. One that
// has expired is taken over unless its message still waits. Locked in one order, so that nobody waits in a ring.
const ACCEPT = `
  with wanted as (
    select *
      from unnest($2::uuid[], $3::smallint[], $4::int[], $5::bigint[], $6::bigint[], $7::smallint[], $8::smallint[],
                  $9::text[], $10::timestamptz[], $11::text[], $12::text[], $13::smallint[], $14::timestamptz[],
                  $15::bytea[], $16::uuid[], $17::date[])
           with ordinality
           as w (id, shard, tenant_id, rid, container_id, channel, priority, template_id, due, wall_time, zone,
                 zone_source, expires_at, sealed, key_hash, day, place)
  ), first as (
    select distinct on (tenant_id, key_hash) tenant_id, key_hash, id
      from wanted
     where key_hash is not null
     order by tenant_id, key_hash, place
  ), keyed as (
    insert into message_dedupe as d (tenant_id, key_hash, message_id, expires_at)
    select tenant_id, key_hash, id, $18::timestamptz
      from first
     order by tenant_id, key_hash
    on conflict (tenant_id, key_hash) do update
       set message_id = excluded.message_id, expires_at = excluded.expires_at
     where d.expires_at <= $1
       and not ${WAITS}
    returning d.message_id
  ), admitted as (
    select *
      from wanted
     where key_hash is null or id in (select message_id from keyed)
  ), said as (
    insert into message_data (day, id, sealed)
    select day, id, sealed
      from admitted
     where sealed is not null
  )
  insert into pending_message (id, rid, container_id, due, expires_at, created_at, tenant_id, shard, channel, priority,
                               zone_source, sealed, zone, template_id, wall_time)
  select id, rid, container_id, due, expires_at, $1, tenant_id, shard, channel, priority, zone_source,
         sealed is not null, zone, template_id, wall_time
    from admitted
  returning id`;

function columnsOf(messages: readonly NewMessage[], now: Instant): unknown[] {
  return [
    timestamp(now),
    messages.map(({ uuid }) => uuid),
    messages.map(({ uuid }) => messageShard(uuid)),
    messages.map(({ tenantId }) => tenantId),
    messages.map(({ rid }) => rid),
    messages.map(({ containerId }) => containerId),
    messages.map(({ channel }) => CHANNEL_CODES[channel]),
    messages.map(({ priority }) => priority),
    messages.map(({ templateId }) => templateId),
    messages.map(({ due }) => timestamp(due)),
    messages.map(({ wallTime }) => wallTime),
    messages.map(({ zone }) => zone),
    messages.map(({ zoneSource }) => ZONE_SOURCE_CODES[zoneSource]),
    messages.map(({ expiresAt }) => timestamp(expiresAt)),
    messages.map(({ sealed }) => sealed),
    messages.map(({ keyHash }) => keyHash),
    messages.map(({ uuid }) => messageDay(uuid)),
    timestamp(now + DEDUPE_MS),
  ];
}

async function holdersOf(db: Queries, messages: readonly NewMessage[]): Promise<Map<string, string>> {
  const keyed = messages.filter(({ keyHash }) => keyHash !== null);
  // A statement later, which sees who was first. Served by message_dedupe_pkey.
  const { rows } = await db.pool.query<{ tenant_id: number; key_hash: string; message_id: string }>(
    `select d.tenant_id, d.key_hash, d.message_id
       from message_dedupe d
       join unnest($1::int[], $2::uuid[]) as w (tenant_id, key_hash)
         on d.tenant_id = w.tenant_id and d.key_hash = w.key_hash`,
    [keyed.map(({ tenantId }) => tenantId), keyed.map(({ keyHash }) => keyHash)],
  );
  return new Map(rows.map((row) => [`${row.tenant_id} ${row.key_hash}`, row.message_id]));
}
