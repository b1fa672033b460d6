import type { PoolClient } from 'pg';
import { STATE_CODES } from '../../domain/delivery/state';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import { timestamp } from '../ledger';

/** What a message that will not be sent leaves behind. */
export interface EndedRow {
  id: string;
  rid: string;
  container_id: string;
  due: Date;
  zone: string;
  zone_source: number;
  channel: number;
  attempts: number;
}

/** What a statement that takes messages out of `pending_message` has to return. */
export const ENDED_COLUMNS = 'id, rid, container_id, due, zone, zone_source, channel, attempts';

/** Messages that nobody is sending at this moment. */
export const AT_REST = [MESSAGE_STATE_CODES.pending, MESSAGE_STATE_CODES.held].join();

/**
 * Records messages that were taken out of `pending_message` in the same transaction, counters included. Counters are
 * raised in the order in which everybody raises them.
 */
export async function recordEnded(
  client: PoolClient,
  rows: readonly EndedRow[],
  state: 'cancelled' | 'erased',
  at: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `with ended as (
       insert into delivery (day, occurrence_id, step, rid, zone, zone_source, channel, due, attempts, state, settled_at)
       select day, container_id, step, rid, zone, zone_source, channel, due, attempts, $10::smallint, $11::timestamptz
         from unnest($1::date[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::smallint[], $7::smallint[],
                     $8::timestamptz[], $9::smallint[])
              as e (day, container_id, step, rid, zone, zone_source, channel, due, attempts)
       returning occurrence_id, channel, state
     )
     insert into counter (occurrence_id, step, variant, channel, state, slot, count)
     select occurrence_id, '', '', channel, state, 0, count(*)
       from ended
      group by occurrence_id, channel, state
      order by occurrence_id, channel, state
     on conflict (occurrence_id, step, variant, channel, state, slot) do update
        set count = counter.count + excluded.count`,
    [
      rows.map(({ id }) => messageDay(id)),
      rows.map(({ container_id }) => container_id),
      rows.map(({ id }) => messageStep(id)),
      rows.map(({ rid }) => rid),
      rows.map(({ zone }) => zone),
      rows.map(({ zone_source }) => zone_source),
      rows.map(({ channel }) => channel),
      rows.map(({ due }) => timestamp(due.getTime())),
      rows.map(({ attempts }) => attempts),
      STATE_CODES[state],
      at,
    ],
  );
}
