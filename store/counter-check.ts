import { STATE_CODES } from '../domain/delivery/state';
import type { Instant } from '../domain/time/instant';
import type { Database } from './database';
import { inTransaction } from './transaction';

/** An occurrence whose counters are to be compared with the ledger. */
export interface Countable {
  readonly occurrenceId: string;
  /** `YYYY-MM-DD`: its partition of the ledger. */
  readonly day: string;
}

/** By how many people a sum of counters was too low, or, below zero, too high. Codes are of domain/delivery. */
export interface Difference {
  readonly step: string;
  readonly channel: number;
  readonly state: number;
  readonly people: number;
}

/** Any number, so long as everybody who mends takes the same lock: the same difference must not be added twice. */
const MENDING_LOCK = 7_233_003;

/** Outcomes are counted from 10 on, and whoever waits for a person's decision; the others are on their way. */
const COUNTED = `(state >= 10 or state = ${STATE_CODES.unknown})`;

/** Closed occurrences that nobody has looked at since they closed. */
export async function listUncounted(db: Database, limit: number): Promise<Countable[]> {
  // Served by the partial index occurrence_uncounted.
  const { rows } = await db.pool.query<Countable>(
    `select id as "occurrenceId", to_char(day, 'YYYY-MM-DD') as day
       from occurrence
      where state <> 'open' and counted_at is null and dropped_at is null
      order by id
      limit $1`,
    [limit],
  );
  return rows;
}

/** Open occurrences behind the row `after`. */
export async function sampleOpen(db: Database, after: string, limit: number): Promise<Countable[]> {
  // Served by the partial index occurrence_open.
  const { rows } = await db.pool.query<Countable>(
    `select id as "occurrenceId", to_char(day, 'YYYY-MM-DD') as day
       from occurrence
      where state = 'open' and id > $1
      order by id
      limit $2`,
    [after, limit],
  );
  return rows;
}

/**
 * Compares the counters of an occurrence with the ledger, adds what is missing and takes away what is too much, and
 * returns it; a closed occurrence is noted as counted. One statement sees one state of both, and an outcome raises its
 * counter in its own statement: so the difference stays right while pages are being delivered, and is added rather than
 * set.
 */
export async function mendCounters(
  db: Database,
  { occurrenceId, day }: Countable,
  now: Instant,
): Promise<Difference[]> {
  return inTransaction(db, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [MENDING_LOCK]);
    // Before the counters, as decisions (store/decisions.ts) do: the totals that counters raise are everybody's.
    const { rows: occurrence } = await client.query<{ dropped: boolean }>(
      'select dropped_at is not null as dropped from occurrence where id = $1 for no key update',
      [occurrenceId],
    );
    // Its sums are all that is left of it: an empty ledger says nothing against them.
    if (occurrence[0]?.dropped !== false) return [];
    // Both are served by their primary keys.
    const { rows } = await client.query<Difference>(
      `with ledger as (
         select step, coalesce(channel, 0)::smallint as channel, state, count(*) as people
           from delivery
          where day = $1::date and occurrence_id = $2::bigint and ${COUNTED}
          group by 1, 2, 3
       ), counted as (
         select step, channel, state, sum(count) as people
           from counter
          where occurrence_id = $2::bigint and ${COUNTED}
          group by 1, 2, 3
       ), difference as (
         select step, channel, state, coalesce(ledger.people, 0) - coalesce(counted.people, 0) as people
           from ledger
           full join counted using (step, channel, state)
          where coalesce(ledger.people, 0) <> coalesce(counted.people, 0)
       ), mended as (
         insert into counter (occurrence_id, step, variant, channel, state, slot, count)
         select $2::bigint, step, '', channel, state, 0, people from difference
          order by step, channel, state
         on conflict (occurrence_id, step, variant, channel, state, slot) do update
            set count = counter.count + excluded.count
       )
       select step, channel, state, people::int as people from difference order by step, channel, state`,
      [day, occurrenceId],
    );
    await client.query(
      `update occurrence set counted_at = $2 where id = $1 and state <> 'open' and counted_at is null`,
      [occurrenceId, new Date(now)],
    );
    return rows;
  });
}
