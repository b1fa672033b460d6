import type { Instant } from '../domain/time/instant';
import type { Database } from './database';

/** When a duty last reported; null when it never did. */
export async function readMark(db: Database, duty: string): Promise<Instant | null> {
  const { rows } = await db.pool.query<{ at: Date }>('select at from steward_mark where duty = $1', [duty]);
  return rows[0]?.at.getTime() ?? null;
}

/** Notes that a duty reports now. Returns the mark, which is later than every one before, whatever the clock says. */
export async function setMark(db: Database, duty: string, now: Instant): Promise<Instant> {
  const { rows } = await db.pool.query<{ at: Date }>(
    `insert into steward_mark (duty, at) values ($1, $2)
     on conflict (duty) do update set at = greatest(excluded.at, steward_mark.at + interval '1 millisecond')
     returning at`,
    [duty, new Date(now)],
  );
  const [row] = rows;
  if (!row) throw new Error('A mark was set and did not come back.');
  return row.at.getTime();
}
