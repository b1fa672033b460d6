import type { PoolClient } from 'pg';
import type { RingSealed } from '../platform/crypto';
import type { Queries } from './database';
import { countErrors, roomForErrors } from './job-errors';

/** A stretch of a file, whole records only, sealed by the key ring. */
export interface StagedBlock {
  readonly seq: number;
  /** Of its first record; the file's first line is 1. */
  readonly firstLine: number;
  readonly rows: number;
  readonly sealed: RingSealed;
}

/** What sealing a block binds it to. */
export function blockContext(jobId: string, seq: number): string {
  return `job-block:${jobId}:${seq}`;
}

export async function stageBlock(db: Queries, jobId: string, block: StagedBlock, at: Date): Promise<void> {
  await db.pool.query(
    `insert into job_block (job_id, seq, first_line, rows, key_id, sealed, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [jobId, block.seq, block.firstLine, block.rows, block.sealed.keyId, block.sealed.sealed, at],
  );
}

/** `spent`: it was worked through. */
export type FoundBlock =
  { readonly kind: 'staged'; readonly block: StagedBlock } | { readonly kind: 'spent' | 'missing' };

export async function readBlock(db: Queries, jobId: string, seq: number): Promise<FoundBlock> {
  const { rows } = await db.pool.query<{
    firstLine: number;
    rows: number;
    keyId: string | null;
    sealed: Buffer | null;
  }>(
    `select first_line as "firstLine", rows, key_id as "keyId", sealed
       from job_block
      where job_id = $1 and seq = $2`,
    [jobId, seq],
  );
  const [row] = rows;
  if (!row) return { kind: 'missing' };
  const { firstLine, rows: count, keyId, sealed } = row;
  if (keyId === null || sealed === null) return { kind: 'spent' };
  return { kind: 'staged', block: { seq, firstLine, rows: count, sealed: { keyId, sealed } } };
}

/** Replaces what a block held by whom its lines were about. */
export async function spendBlock(
  client: PoolClient,
  jobId: string,
  seq: number,
  written: readonly { readonly rid: string; readonly line: number }[],
): Promise<void> {
  await client.query(
    `update job_block
        set sealed = null, key_id = null, rids = $3::bigint[], lines = $4::int[]
      where job_id = $1 and seq = $2`,
    [jobId, seq, written.map(({ rid }) => rid), written.map(({ line }) => line)],
  );
}

/**
 * Notes as `row.superseded` each line about a person of whom a later line of the same job speaks too: the later one
 * counts. Lines of one block are told apart where the block is worked through. Looks at one of `parts` equal shares of
 * the people, and keeps what there is room for.
 */
export async function noteSupersededLines(
  client: PoolClient,
  jobId: string,
  { part, parts }: { part: number; parts: number },
): Promise<void> {
  const room = await roomForErrors(client, jobId);
  // Reads the job's blocks by job_block_pkey, and sorts those of the share who stand in more than one line.
  const { rows } = await client.query<{ found: number; kept: number }>(
    `with written as (
       select w.rid, w.line
         from job_block b, unnest(b.rids, b.lines) as w (rid, line)
        where b.job_id = $1 and w.rid % $2 = $3
     ), repeated as (
       select rid from written group by rid having count(*) > 1
     ), superseded as (
       select line, next
         from (select line, lead(line) over (partition by rid order by line) as next
                 from written join repeated using (rid)) as lines
        where next is not null
     ), kept as (
       insert into job_error (job_id, line, place, "column", code, reason)
       select $1, line, 1, 'id', 'row.superseded', format('line %s has the same id and counts', next)
         from superseded
        order by line
        limit $4
       returning line
     )
     select (select count(*) from superseded)::int as found, (select count(*) from kept)::int as kept`,
    [jobId, parts, part, room],
  );
  const { found, kept } = rows[0] ?? { found: 0, kept: 0 };
  if (found > 0) await countErrors(client, jobId, { kept, leftOut: found - kept });
}

export async function dropBlocks(db: Queries, jobId: string): Promise<void> {
  await db.pool.query('delete from job_block where job_id = $1', [jobId]);
}

/** Drops what came in for a job that was never made, because its request failed. */
export async function dropBlocksWithoutJob(db: Queries, jobId: string): Promise<void> {
  await db.pool.query(
    'delete from job_block where job_id = $1 and not exists (select from job where id = $1)',
    [jobId],
  );
}

/** Drops blocks of no running job to which nothing was added since `before`; how many they were. */
export async function dropForgottenBlocks(db: Queries, before: Date): Promise<number> {
  // Reads the whole table, which is empty but for files on their way.
  const { rowCount } = await db.pool.query(
    `delete from job_block
      where job_id in (select b.job_id
                         from job_block b
                        where not exists (select from job j where j.id = b.job_id and j.status = 'running')
                        group by b.job_id
                       having max(b.created_at) < $1)`,
    [before],
  );
  return rowCount ?? 0;
}
