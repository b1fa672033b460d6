import type { PoolClient } from 'pg';
import { TRANSACTIONAL } from '../../domain/caps/rule';
import { STATE_CODES } from '../../domain/delivery/state';
import { messageStep } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import { DAY } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { PlaceId } from './shards';

/** A message of the ledger that counts for a person's caps. */
export interface CountedMessage extends PlaceId {
  readonly rid: string;
  readonly due: Instant;
}

type CountedRow = { rid: string; due: Date; occurrence_id: string } & (
  | { step: string; message_id: null }
  /** A message that is in flight. */
  | { step: null; message_id: string }
);

/** States of messages that went out, or may have, or still will. */
const COUNTED_STATES = [STATE_CODES.sent, STATE_CODES.claimed, STATE_CODES.unknown];

/** A due instant lies at most so far from midnight UTC of its occurrence's nominal day: offsets, and clock changes. */
const NOMINAL_DAY_MARGIN = 3 * DAY;

const ROWS_AT_ONCE = 5_000;

/**
 * Every message of a tenant that was due after `since` and counts, a stretch at a time, as it stood when the first
 * was read. Within the transaction of `client`, which has to be of read committed.
 */
export async function* readCounted(
  client: PoolClient,
  tenantId: number,
  since: Instant,
): AsyncGenerator<CountedMessage[]> {
  // Occurrences by occurrence_tenant_id_day_idx, their people by the primary key of the partitions of these days
  // alone: an index by due instant would cost every claim, for something that is read when Redis was lost. So it is with
  // the messages that are in flight: they are looked for among all that wait of the tenant.
  await client.query(
    `declare counted no scroll cursor for
     select d.rid, d.due, d.occurrence_id, d.step, null::uuid as message_id
       from occurrence o
       left join schedule_version v on v.schedule_id = o.schedule_id and v.version = o.version
       join delivery d on d.day = o.day and d.occurrence_id = o.id
      where o.tenant_id = $1 and o.day >= $2::date and d.day >= $2::date
        and coalesce(o.category, v.config ->> 'category') <> $3 and d.state = any($4::smallint[]) and d.due > $5
      union all
     select m.rid, m.due, m.container_id, null, m.id
       from pending_message m
       join occurrence o on o.id = m.container_id
      where m.tenant_id = $1 and m.state = ${MESSAGE_STATE_CODES.claimed} and o.category <> $3 and m.due > $5`,
    [
      tenantId,
      new Date(since - NOMINAL_DAY_MARGIN).toISOString().slice(0, 10),
      TRANSACTIONAL,
      COUNTED_STATES,
      new Date(since),
    ],
  );
  for (;;) {
    const { rows } = await client.query<CountedRow>(`fetch ${ROWS_AT_ONCE} from counted`);
    if (rows.length === 0) break;
    yield rows.map((row) => ({
      rid: row.rid,
      due: row.due.getTime(),
      occurrenceId: row.occurrence_id,
      step: row.message_id === null ? row.step : messageStep(row.message_id),
    }));
  }
  await client.query('close counted');
}
