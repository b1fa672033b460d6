import { reasonOfCode, stateOfCode } from '../../domain/delivery/state';
import type { Database } from '../../store/database';
import { addressOfId } from '../round/crowd';
import type { Outcome } from './evidence';
import type { StateCount } from './tally';

/** Every row of the ledger. */
export async function readOutcomes({ pool }: Database): Promise<Outcome[]> {
  const { rows } = await pool.query<{ campaign: string; id: string; state: number; reason: number | null }>(
    `select s.name as campaign, r.external_id as id, d.state, d.reason
       from delivery d
       join occurrence o on o.id = d.occurrence_id and o.day = d.day
       join schedule s on s.id = o.schedule_id
       join recipient r on r.rid = d.rid`,
  );
  return rows.map(({ campaign, id, state, reason }) => ({
    campaign,
    address: addressOfId(id),
    state: stateOfCode(state),
    reason: reason === null ? null : reasonOfCode(reason),
  }));
}

/** What the counters say. */
export async function readCounters({ pool }: Database): Promise<StateCount[]> {
  const { rows } = await pool.query<{ campaign: string; state: number; people: number }>(
    `select s.name as campaign, c.state, sum(c.count)::int as people
       from counter c
       join occurrence o on o.id = c.occurrence_id
       join schedule s on s.id = o.schedule_id
      group by 1, 2
     having sum(c.count) <> 0`,
  );
  return rows.map(({ campaign, state, people }) => ({ campaign, state: stateOfCode(state), people }));
}

/** What the totals say that survive everything, by state. */
export async function readTotals({ pool }: Database): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ state: number; people: number }>(
    'select state, sum(count)::int as people from outcome_total group by 1 having sum(count) <> 0',
  );
  return Object.fromEntries(rows.map(({ state, people }) => [stateOfCode(state), people]));
}
