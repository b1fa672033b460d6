import { STATE_CODES } from '../../domain/delivery/state';
import type { Database } from '../../store/database';

/** What Postgres still has under way. */
export interface Unfinished {
  readonly claimed: number;
  readonly openOccurrences: number;
  readonly untoldCommands: number;
  readonly unfinished: readonly string[];
}

export async function readLeftovers({ pool }: Database): Promise<Unfinished> {
  const { rows } = await pool.query<Unfinished>(
    `select (select count(*)::int from delivery where state = ${STATE_CODES.claimed}) as claimed,
            (select count(*)::int from occurrence where state = 'open') as "openOccurrences",
            (select count(*)::int from outbox where done_at is null) as "untoldCommands",
            array(select name || ' is ' || status from schedule where status <> 'completed') as unfinished`,
  );
  const [row] = rows;
  if (!row) throw new Error('A select without a table returned no row.');
  return row;
}
