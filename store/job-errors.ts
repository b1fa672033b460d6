import type { PoolClient } from 'pg';
import type { RowError } from '../domain/import/row-codes';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Stretch } from './keyset';

/** Errors of one job that are kept: whoever has more than these has another problem than single rows. */
const MOST_ERRORS = 100_000;

/**
 * Keeps errors for as long as there is room, in the order of the file, and counts the others. To be called where the
 * job's row is locked (`takeStep`). Errors of a line keep their order.
 */
export async function writeJobErrors(
  client: PoolClient,
  jobId: string,
  errors: readonly RowError[],
): Promise<void> {
  if (errors.length === 0) return;
  const room = await roomForErrors(client, jobId);
  const kept = errors.toSorted((one, other) => one.line - other.line).slice(0, room);
  if (kept.length > 0) await insertErrors(client, jobId, kept);
  await countErrors(client, jobId, { kept: kept.length, leftOut: errors.length - kept.length });
}

/** How many errors of a job may still be kept. */
export async function roomForErrors(client: PoolClient, jobId: string): Promise<number> {
  const { rows } = await client.query<{ kept: number }>('select errors_kept as kept from job where id = $1', [
    jobId,
  ]);
  return Math.max(0, MOST_ERRORS - (rows[0]?.kept ?? 0));
}

export async function countErrors(
  client: PoolClient,
  jobId: string,
  { kept, leftOut }: { kept: number; leftOut: number },
): Promise<void> {
  await client.query(
    `update job set errors_kept = errors_kept + $2, errors_left_out = errors_left_out + $3 where id = $1`,
    [jobId, kept, leftOut],
  );
}

async function insertErrors(client: PoolClient, jobId: string, errors: readonly RowError[]): Promise<void> {
  await client.query(
    `insert into job_error (job_id, line, place, "column", code, reason)
     select $1, line, row_number() over (partition by line order by ord), col, code, reason
       from unnest($2::int[], $3::text[], $4::text[], $5::text[])
            with ordinality as e (line, col, code, reason, ord)`,
    [
      jobId,
      errors.map(({ line }) => line),
      errors.map(({ column }) => column),
      errors.map(({ code }) => code),
      errors.map(({ reason }) => reason),
    ],
  );
}

/**
 * Deletes up to `limit` errors of jobs that ended before `before`, and says how many. Looks at the oldest alone: ids of
 * jobs ascend with time, so that they lie at the beginning of the primary key.
 */
export async function forgetJobErrors(db: Queries, before: Date, limit: number): Promise<number> {
  const { rowCount } = await db.pool.query(
    `with oldest as (
       select job_id, line, place from job_error order by job_id, line, place limit $2
     )
     delete from job_error e
      using oldest o
       join job j on j.id = o.job_id
      where (e.job_id, e.line, e.place) = (o.job_id, o.line, o.place) and j.finished_at < $1`,
    [before, limit],
  );
  return rowCount ?? 0;
}

const KEY = /^(\d{1,10})\.(\d{1,10})$/;

/** In the order of the file. */
export async function listJobErrors(
  db: Queries,
  jobId: string,
  { limit, after }: { limit: number; after: string | null },
): Promise<Stretch<RowError>> {
  const [, line = '0', place = '0'] = KEY.exec(after ?? '') ?? [];
  // Served by job_error_pkey.
  const { rows } = await db.pool.query<RowError & { place: number }>(
    `select line, place, "column", code, reason
       from job_error
      where job_id = $1 and (line, place) > ($2, $3)
      order by line, place
      limit $4`,
    [jobId, line, place, limit + 1],
  );
  const { items, next } = stretchOf(rows, limit, (row) => `${row.line}.${row.place}`);
  return { items: items.map(({ place: _, ...error }) => error), next };
}
