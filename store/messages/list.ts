import { CHANNEL_CODES } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import { STATE_CODES } from '../../domain/delivery/state';
import type { DeliveryState } from '../../domain/delivery/state';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import type { Queries } from '../database';
import type { Slice, Stretch } from '../keyset';
import { recordOf, SETTLED_COLUMNS, WAITING_COLUMNS } from './find';
import type { MessageRecord, MessageRow } from './find';

export interface MessageListFilter {
  /** The customer's own id of a person. */
  readonly recipient?: string | undefined;
  readonly channel?: ChannelName | undefined;
  readonly category?: string | undefined;
  readonly status?: DeliveryState | undefined;
}

/** Where the list goes on: among those that wait, by when they are looked at and id; or among those that are over. */
const PLACE = /^(?:w\/(\d{1,15})\/([0-9a-f-]{36})|o(?:\/(\d{1,18})\/([0-9A-HJKMNP-TV-Z]{26}))?)$/;

/** Whether `key` can be a place in the list. */
export function isMessagePlace(key: string): boolean {
  return PLACE.test(key);
}

/** Where those that are over begin. */
const OVER = 'o';

/** Those that wait, the soonest to be looked at first; then those that are over, of the latest day first. */
export async function listMessages(
  db: Queries,
  tenantId: number,
  filter: MessageListFilter,
  { limit, after }: Slice,
): Promise<Stretch<MessageRecord>> {
  const { items, next } = await listPlaces(db, tenantId, filter, { limit, after });
  return { items: await withWords(db, items), next };
}

async function listPlaces(
  db: Queries,
  tenantId: number,
  filter: MessageListFilter,
  { limit, after }: Slice,
): Promise<Stretch<MessageRecord>> {
  const waiting = waits(filter.status) && !after?.startsWith(OVER);
  const found = waiting ? await listWaiting(db, tenantId, filter, { limit, after }) : [];
  const first = found.slice(0, limit).map(({ record }) => record);
  const last = found.at(limit - 1);
  if (found.length > limit && last) {
    return { items: first, next: `w/${last.readyAt.getTime()}/${last.record.uuid}` };
  }
  if (filter.status !== undefined && waits(filter.status)) return { items: first, next: null };
  if (first.length === limit) return { items: first, next: OVER };
  const room = limit - first.length;
  const place = waiting ? null : after;
  const rest = await listOver(db, tenantId, filter, { limit: room, after: place });
  const items = [...first, ...rest.slice(0, room).map(({ record }) => record)];
  const end = rest.at(room - 1);
  return {
    items,
    next: rest.length > room && end ? `${OVER}/${end.containerId}/${messageStep(end.record.uuid)}` : null,
  };
}

/** With what they say, which the ledger cannot be joined to: its step is the id in other letters. */
async function withWords(db: Queries, records: readonly MessageRecord[]): Promise<MessageRecord[]> {
  if (records.length === 0) return [];
  // Served by message_data_pkey.
  const { rows } = await db.pool.query<{ id: string; template_id: string | null; sealed: Buffer | null }>(
    `select m.id, m.template_id, m.sealed
       from unnest($1::date[], $2::uuid[]) as w (day, id)
       join message_data m on m.day = w.day and m.id = w.id`,
    [records.map(({ uuid }) => messageDay(uuid)), records.map(({ uuid }) => uuid)],
  );
  const words = new Map(rows.map((row) => [row.id, row]));
  return records.map((record) => {
    const found = words.get(record.uuid);
    return found
      ? { ...record, templateId: record.templateId ?? found.template_id, sealed: found.sealed }
      : record;
  });
}

/** Whether messages that wait can have the state; all that is not asked for may be had. */
function waits(status: DeliveryState | undefined): boolean {
  return status === undefined || Object.hasOwn(MESSAGE_STATE_CODES, status);
}

function columnsOf({ recipient, channel, category, status }: MessageListFilter): unknown[] {
  return [recipient, channel && CHANNEL_CODES[channel], category, status && STATE_CODES[status]];
}

async function listWaiting(
  db: Queries,
  tenantId: number,
  filter: MessageListFilter,
  { limit, after }: Slice,
): Promise<{ record: MessageRecord; readyAt: Date }[]> {
  const [, readyAt, uuid] = (after === null ? null : PLACE.exec(after)) ?? [];
  // Each priority by itself, at most `limit` of it, so that pending_message_tenant_id_priority_ready_at_idx serves the place
  // and the order. Of one person pending_message_rid_idx.
  const { rows } = await db.pool.query<MessageRow & { ready_at: Date }>(
    `select ${WAITING_COLUMNS}, p.ready_at
       from generate_series(1, 5) as g (priority)
      cross join lateral (
        select *
          from pending_message w
         where w.tenant_id = $1 and w.priority = g.priority and w.state <> ${MESSAGE_STATE_CODES.schedule}
           and ($2::text is null or w.rid = (select rid from recipient where tenant_id = $1 and external_id = $2))
           and ($3::smallint is null or w.channel = $3)
           and ($4::text is null
                or w.container_id in (select id
                                        from occurrence
                                       where tenant_id = $1 and category = $4 and schedule_id is null))
           and ($5::smallint is null or w.state = $5)
           and ($6::timestamptz is null or (w.ready_at >= $6 and (w.ready_at > $6 or w.id > $7::uuid)))
         order by w.ready_at, w.id
         limit $8
      ) p
       join occurrence o on o.id = p.container_id
       join recipient r on r.rid = p.rid
       left join recipient_key k on k.rid = p.rid
      cross join (select null::bytea as sealed) m
      order by p.ready_at, p.id
      limit $8`,
    [
      tenantId,
      ...columnsOf(filter),
      readyAt === undefined ? null : new Date(Number(readyAt)),
      uuid,
      limit + 1,
    ],
  );
  return rows.map((row) => ({ record: recordOf(row), readyAt: row.ready_at }));
}

async function listOver(
  db: Queries,
  tenantId: number,
  filter: MessageListFilter,
  { limit, after }: Slice,
): Promise<{ record: MessageRecord; containerId: string }[]> {
  const [, , , container, step] = (after === null ? null : PLACE.exec(after)) ?? [];
  // Containers by occurrence_tenant_id_day_idx, each one's rows by the primary key of its partition, at most `limit` of
  // them; of one person by delivery_message_rid.
  const { rows } = await db.pool.query<MessageRow & { container_id: string }>(
    `select ${SETTLED_COLUMNS}, o.id as container_id
       from occurrence o
      cross join lateral (
        select *
          from delivery l
         where l.day = o.day
           and l.occurrence_id = o.id
           and l.step <> ''
           and ($6::bigint is null or o.id <> $6 or l.step < $7)
           and ($2::text is null or l.rid = (select rid from recipient where tenant_id = $1 and external_id = $2))
           and ($3::smallint is null or l.channel = $3)
           and ($5::smallint is null or l.state = $5)
         order by l.step desc
         limit $8
      ) d
       join recipient r on r.rid = d.rid
       left join recipient_key k on k.rid = d.rid
      cross join (select null::bytea as sealed, null::text as template_id) m
      where o.tenant_id = $1 and o.schedule_id is null
        and ($4::text is null or o.category = $4)
        and ($6::bigint is null or (o.day, o.id) <= (select l.day, l.id from occurrence l where l.id = $6))
      order by o.day desc, o.id desc, d.step desc
      limit $8`,
    [tenantId, ...columnsOf(filter), container, step, limit + 1],
  );
  return rows.map(({ container_id: containerId, ...row }) => ({ record: recordOf(row), containerId }));
}
