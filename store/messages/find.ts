import { channelOfCode } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import { reasonOfCode, STATE_CODES, stateOfCode } from '../../domain/delivery/state';
import type { DeliveryReason, DeliveryState } from '../../domain/delivery/state';
import { messageDay, messageShard, messageStep, uuidOfStep } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import { zoneSourceOfCode } from '../../domain/recipient/zone-source';
import type { ZoneSource } from '../../domain/recipient/zone-source';
import type { Queries } from '../database';

/** A message as its reader sees it, wherever it lives: among those that wait, or in the ledger. */
export interface MessageRecord {
  readonly uuid: string;
  readonly rid: string;
  /** The customer's own id; null once the person is erased. */
  readonly recipient: string | null;
  readonly channel: ChannelName | null;
  readonly templateId: string | null;
  readonly category: string;
  readonly status: DeliveryState;
  readonly reason: DeliveryReason | null;
  readonly due: Date;
  readonly zone: string;
  readonly zoneSource: ZoneSource;
  readonly attempts: number;
  /** What only a message that waits has. */
  readonly waiting: Waiting | null;
  readonly locale: string | null;
  readonly settledAt: Date | null;
  /** What it says beyond its template, under the person's key; that one, wrapped. */
  readonly sealed: Uint8Array | null;
  readonly wrapped: Uint8Array | null;
}

export interface Waiting {
  readonly priority: number;
  readonly wallTime: string | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  /** Raised by every change. */
  readonly version: number;
}

export interface MessageRow {
  /** A UUID of one that waits; the step of one in the ledger. */
  id: string;
  rid: string;
  recipient: string | null;
  channel: number | null;
  template_id: string | null;
  category: string;
  state: number;
  reason: number | null;
  due: Date;
  zone: string;
  zone_source: number;
  attempts: number;
  priority: number | null;
  wall_time: string | null;
  expires_at: Date | null;
  created_at: Date | null;
  version: number | null;
  locale: string | null;
  settled_at: Date | null;
  sealed: Buffer | null;
  wrapped: Buffer | null;
}

/** Of a message `p` that waits, its container `o`, its person `r` with their key `k`, and its words `m`. */
export const WAITING_COLUMNS = `
  p.id::text as id, p.rid, r.external_id as recipient, p.channel, p.template_id, o.category, p.state, p.reason, p.due,
  p.zone, p.zone_source, p.attempts, p.priority, p.wall_time, p.expires_at, p.created_at, p.version,
  null::text as locale, null::timestamptz as settled_at, m.sealed, k.wrapped`;

/** The same of its row `d` in the ledger. */
export const SETTLED_COLUMNS = `
  d.step as id, d.rid, r.external_id as recipient, d.channel, m.template_id, o.category, d.state, d.reason, d.due,
  d.zone, d.zone_source, d.attempts, null::smallint as priority, null::text as wall_time,
  null::timestamptz as expires_at, null::timestamptz as created_at, null::int as version, d.locale, d.settled_at,
  m.sealed, k.wrapped`;

/** One message of the tenant; null when there is none, or its day has been dropped. */
export async function findMessage(
  db: Queries,
  tenantId: number,
  uuid: string,
): Promise<MessageRecord | null> {
  // In one statement, which sees it in one place. Served by the primary keys of pending_message and delivery, and by
  // occurrence_container.
  const { rows } = await db.pool.query<MessageRow>(
    `select ${WAITING_COLUMNS}
       from pending_message p
       join occurrence o on o.id = p.container_id
       join recipient r on r.rid = p.rid
       left join recipient_key k on k.rid = p.rid
       left join message_data m on m.day = $5::date and m.id = p.id
      where p.shard = $3 and p.id = $2 and p.tenant_id = $1 and p.state <> ${MESSAGE_STATE_CODES.schedule}
      union all
     select ${SETTLED_COLUMNS}
       from occurrence o
       join delivery d on d.day = o.day and d.occurrence_id = o.id and d.step = $4
       join recipient r on r.rid = d.rid
       left join recipient_key k on k.rid = d.rid
       left join message_data m on m.day = $5::date and m.id = $2
      where o.tenant_id = $1 and o.day = $5::date and o.schedule_id is null`,
    [tenantId, uuid, messageShard(uuid), messageStep(uuid), messageDay(uuid)],
  );
  return rows[0] ? recordOf(rows[0]) : null;
}

export function recordOf(row: MessageRow): MessageRecord {
  const { priority, expires_at: expiresAt, created_at: createdAt, version } = row;
  const waits = priority !== null && expiresAt !== null && createdAt !== null && version !== null;
  return {
    uuid: waits ? row.id : uuidOfStep(row.id),
    rid: row.rid,
    recipient: row.recipient,
    channel: row.channel === null ? null : channelOfCode(row.channel),
    templateId: row.template_id,
    category: row.category,
    status: waits ? waitingStateOf(row.state) : stateOfCode(row.state),
    reason: row.reason === null ? null : reasonOfCode(row.reason),
    due: row.due,
    zone: row.zone,
    zoneSource: zoneSourceOfCode(row.zone_source),
    attempts: row.attempts,
    waiting: waits ? { priority, wallTime: row.wall_time, expiresAt, createdAt, version } : null,
    locale: row.locale,
    settledAt: row.settled_at,
    sealed: row.sealed,
    wrapped: row.wrapped,
  };
}

/** Those that wait have the same codes as the ledger's states of the same name. */
function waitingStateOf(code: number): DeliveryState {
  const state = stateOfCode(code);
  if (MESSAGE_STATE_CODES[state as keyof typeof MESSAGE_STATE_CODES] !== STATE_CODES[state]) {
    throw new RangeError(`No message that waits has the state ${code}.`);
  }
  return state;
}
