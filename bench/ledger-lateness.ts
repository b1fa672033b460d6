import { STATE_CODES } from '../domain/delivery/state';
import type { Database } from '../store/database';

/** From the due instant to the provider's acceptance, in milliseconds. */
export interface LedgerLateness {
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly p9999: number };
  /** Of the first message of all. */
  readonly firstMs: number;
}

/** Reads it from every row of the ledger that was sent. */
export async function readLateness(db: Database, occurrenceId: string): Promise<LedgerLateness> {
  const { rows } = await db.pool.query<{ first: number; p50: number; p99: number; p9999: number }>(
    `select min(late) as first,
            percentile_disc(0.5) within group (order by late) as p50,
            percentile_disc(0.99) within group (order by late) as p99,
            percentile_disc(0.9999) within group (order by late) as p9999
       from (select extract(epoch from settled_at - due)::float8 * 1000 as late
               from delivery
              where occurrence_id = $1 and state = $2) sent`,
    [occurrenceId, STATE_CODES.sent],
  );
  const [row] = rows;
  if (!row) throw new Error('An aggregate returned no row.');
  const { first, ...latenessMs } = row;
  return { latenessMs, firstMs: first };
}
