import { stateOfCode } from '../domain/delivery/state';
import type { DeliveryState } from '../domain/delivery/state';
import type { Database } from './database';

/** People by outcome. States without people are left out. */
export type OutcomeCounts = Partial<Record<DeliveryState, number>>;

/** The outcomes of an occurrence so far, summed over steps, channels and slots. */
export async function tallyOccurrence(db: Database, occurrenceId: string): Promise<OutcomeCounts> {
  // Served by the primary key, which starts with occurrence_id.
  const { rows } = await db.pool.query<{ state: number; people: number }>(
    `select state, sum(count)::int as people
       from counter
      where occurrence_id = $1
      group by state
     having sum(count) > 0
      order by state`,
    [occurrenceId],
  );
  return Object.fromEntries(rows.map(({ state, people }) => [stateOfCode(state), people]));
}
