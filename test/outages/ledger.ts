import { stateOfCode } from '../../domain/delivery/state';
import type { Instant } from '../../domain/time/instant';
import type { Database } from '../../store/database';

const ROWS =
  'from delivery d join occurrence o on o.id = d.occurrence_id and o.day = d.day where o.schedule_id = $1';

/** Rows of a schedule by state. */
export async function ledgerOf(db: Database, scheduleId: string): Promise<Record<string, number>> {
  const { rows } = await db.pool.query<{ state: number; people: number }>(
    `select d.state, count(*)::int as people ${ROWS} group by d.state`,
    [scheduleId],
  );
  return Object.fromEntries(rows.map(({ state, people }) => [stateOfCode(state), people]));
}

/** Claims of a schedule that nobody could take over now. */
export async function leasesThatRun(db: Database, scheduleId: string): Promise<number> {
  return count(db, 'd.lease_until > $2', scheduleId, new Date());
}

/** People of a schedule whose message was accepted after `from` and before `to`. */
export async function sendsBetween(
  db: Database,
  scheduleId: string,
  from: Instant,
  to: Instant,
): Promise<number> {
  return count(db, 'd.settled_at > $2 and d.settled_at < $3', scheduleId, new Date(from), new Date(to));
}

/** People of a schedule who were attempted more often than once. */
export async function triedAgain(db: Database, scheduleId: string): Promise<number> {
  return count(db, 'd.attempts > 1', scheduleId);
}

async function count(db: Database, which: string, ...parameters: unknown[]): Promise<number> {
  const { rows } = await db.pool.query<{ people: number }>(
    `select count(*)::int as people ${ROWS} and ${which}`,
    parameters,
  );
  return rows[0]?.people ?? 0;
}
