import type { PoolClient } from 'pg';
import { TRANSACTIONAL } from '../../domain/caps/rule';
import { STATE_CODES } from '../../domain/delivery/state';
import { DAY } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { PlaceId } from './shards';

/** A message of the ledger that counts for a person's caps. */
export interface CountedMessage extends PlaceId {
  readonly rid: string;
  readonly due: Instant;
}

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
  // alone: an index by due instant would cost every claim, for something that is read when Redis was lost.
  await client.query(
    `declare counted no scroll cursor for
     select d.rid, d.due, d.occurrence_id, d.step
       from occurrence o
       join schedule_version v on v.schedule_id = o.schedule_id and v.version = o.version
       join delivery d on d.day = o.day and d.occurrence_id = o.id
      where o.tenant_id = $1 and o.day >= $2::date and d.day >= $2::date
        and v.config ->> 'category' <> $3 and d.state = any($4::smallint[]) and d.due > $5`,
    [
      tenantId,
      new Date(since - NOMINAL_DAY_MARGIN).toISOString().slice(0, 10),
      TRANSACTIONAL,
      COUNTED_STATES,
      new Date(since),
    ],
  );
  for (;;) {
    const { rows } = await client.query<{ rid: string; due: Date; occurrence_id: string; step: string }>(
      `fetch ${ROWS_AT_ONCE} from counted`,
    );
    if (rows.length === 0) break;
    yield rows.map(({ rid, due, occurrence_id, step }) => ({
      rid,
      due: due.getTime(),
      occurrenceId: occurrence_id,
      step,
    }));
  }
  await client.query('close counted');
}
