import type { PoolClient } from 'pg';
import type { RowError } from '../domain/import/row-codes';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Stretch } from './keyset';

/** Errors of a line keep their order. */
export async function writeJobErrors(
  client: PoolClient,
  jobId: string,
  errors: readonly RowError[],
): Promise<void> {
  if (errors.length === 0) return;
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
