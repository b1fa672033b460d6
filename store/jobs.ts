import type { PoolClient } from 'pg';
import type { Database, Queries } from './database';
import { dropBlocks } from './job-blocks';
import { inTransaction, joining } from './transaction';

export const JOB_KINDS = ['erasure', 'import'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_STATUSES = ['running', 'completed', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Why a job failed. `docs/errors.md` is held to what the API says of each. */
export type JobFailure = 'job.input-lost' | 'job.stuck' | 'job.too-many-errors';

export interface JobRef {
  readonly tenantId: number;
  readonly jobId: string;
}

/** How far a job is; counts are of the things it works through, those that failed among them. */
export interface JobProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
}

export interface JobRecord extends JobProgress {
  readonly id: string;
  readonly kind: JobKind;
  readonly status: JobStatus;
  /** What the job was told, by its kind. */
  readonly spec: unknown;
  /** Steps that are done, of so many: where a job resumes. */
  readonly step: number;
  readonly steps: number;
  readonly failure: JobFailure | null;
  /** Whether rows of `job_error` tell what was refused. */
  readonly hasErrors: boolean;
  /** Errors beyond those that are kept. */
  readonly errorsLeftOut: number;
  /** `admin`, or the id of an API key; null of a job that was made before it was noted. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** What a new job is made of. */
export interface NewJob extends Pick<JobRecord, 'id' | 'kind' | 'spec' | 'steps' | 'total' | 'createdAt'> {
  readonly tenantId: number;
  readonly createdBy: string;
}

/** Makes a job that a workflow will carry out: the row is what is wanted, and `drainJobs` finds it. */
export async function createJob(db: Queries, job: NewJob): Promise<void> {
  await db.pool.query(
    `insert into job (id, tenant_id, kind, status, spec, steps, total, created_by, created_at)
     values ($1, $2, $3, 'running', $4, $5, $6, $7, $8)`,
    [
      job.id,
      job.tenantId,
      job.kind,
      JSON.stringify(job.spec),
      job.steps,
      job.total,
      job.createdBy,
      job.createdAt,
    ],
  );
}

/**
 * Makes a job as `createJob` does, unless `most` of its kind run for the tenant already: false then.
 */
export async function createJobUpTo(db: Queries, job: NewJob, most: number): Promise<boolean> {
  return inTransaction(db, async (client) => {
    // One at a time: of two requests only one gets the last place.
    await client.query(`select pg_advisory_xact_lock(hashtext('job'), $1)`, [job.tenantId]);
    if ((await countRunningJobs(joining(client), job)) >= most) return false;
    await createJob(joining(client), job);
    return true;
  });
}

export async function countRunningJobs(
  db: Queries,
  { tenantId, kind }: Pick<NewJob, 'tenantId' | 'kind'>,
): Promise<number> {
  // Served by the partial index job_running.
  const { rows } = await db.pool.query<{ count: number }>(
    `select count(*)::int as count from job where status = 'running' and tenant_id = $1 and kind = $2`,
    [tenantId, kind],
  );
  return rows[0]?.count ?? 0;
}

/** Notes a job that was done within the transaction of its command, and returns it. */
export async function recordFinishedJob(
  client: PoolClient,
  { tenantId, id, kind, total, createdBy }: Pick<NewJob, 'tenantId' | 'id' | 'kind' | 'total' | 'createdBy'>,
  at: Date,
): Promise<JobRecord> {
  const { rows } = await client.query<JobRecord>(
    `insert into job (id, tenant_id, kind, status, done, total, created_by, created_at, finished_at)
     values ($1, $2, $3, 'completed', $4, $4, $5, $6, $6)
     returning ${JOB_RECORD}`,
    [id, tenantId, kind, total, createdBy, at],
  );
  const [job] = rows;
  if (!job) throw new Error('A job was inserted and did not come back.');
  return job;
}

/** A `JobRecord`, of the table `job`. */
const JOB_RECORD = `id, kind, status, spec, step, steps, done, total, failed, failure,
            exists (select from job_error e where e.job_id = job.id) as "hasErrors",
            errors_left_out as "errorsLeftOut", created_by as "createdBy",
            created_at as "createdAt", finished_at as "finishedAt"`;

export async function findJob(db: Queries, { tenantId, jobId }: JobRef): Promise<JobRecord | null> {
  const { rows } = await db.pool.query<JobRecord>(
    `select ${JOB_RECORD}
       from job
      where tenant_id = $1 and id = $2`,
    [tenantId, jobId],
  );
  return rows[0] ?? null;
}

/**
 * Takes a step: to be called first in the transaction that does what the step does, so that both are committed or
 * neither. The row stays locked meanwhile. False when the step is not the next one any more, because another attempt
 * has taken it, or when the job is over.
 */
export async function takeStep(
  client: PoolClient,
  { tenantId, jobId }: JobRef,
  { step, done, failed }: { step: number; done: number; failed: number },
  at: Date,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update job
        set step = step + 1, failures = 0, done = done + $4, failed = failed + $5, moved_at = $6
      where tenant_id = $1 and id = $2 and step = $3 and status = 'running'`,
    [tenantId, jobId, step, done, failed, at],
  );
  return rowCount === 1;
}

/** Notes that the next step went wrong; how often it has by now. */
export async function noteStepFailure(db: Queries, { tenantId, jobId }: JobRef): Promise<number> {
  const { rows } = await db.pool.query<{ failures: number }>(
    `update job set failures = failures + 1 where tenant_id = $1 and id = $2 returning failures`,
    [tenantId, jobId],
  );
  return rows[0]?.failures ?? 0;
}

/** Ends a job that runs; one that is over stays as it ended. False when there was none to end. */
export async function endJob(
  db: Queries,
  { tenantId, jobId }: JobRef,
  end: { status: Exclude<JobStatus, 'running'>; failure?: JobFailure },
  at: Date,
): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `update job
        set status = $3, failure = $4, finished_at = $5
      where tenant_id = $1 and id = $2 and status = 'running'`,
    [tenantId, jobId, end.status, end.failure ?? null, at],
  );
  return rowCount === 1;
}

/** Ends a job as cancelled and drops what is left of its input. False when it was over already. */
export async function cancelJob(db: Queries, ref: JobRef, at: Date): Promise<boolean> {
  return inTransaction(db, async (client) => {
    const cancelled = await endJob(joining(client), ref, { status: 'cancelled' }, at);
    if (cancelled) await dropBlocks(joining(client), ref.jobId);
    return cancelled;
  });
}

/** A job whose workflow has to be started. */
export interface WaitingJob extends JobRef {
  readonly kind: JobKind;
}

/** Jobs that were told and have done nothing for so long are told again: Temporal may have lost its memory. */
const SILENT_MS = 5 * 60_000;

/**
 * Takes up to `limit` running jobs that nobody has started a workflow for, or that have been silent for long, and
 * notes those that `tell` started. The rows stay locked while `tell` runs: when this process dies, they are free again
 * at once.
 */
export async function drainJobs(
  db: Database,
  limit: number,
  tell: (job: WaitingJob) => Promise<'told' | 'failed'>,
  clock: () => Date,
): Promise<{ done: number; left: number }> {
  return inTransaction(db, async (client) => {
    const silentSince = new Date(clock().getTime() - SILENT_MS);
    // Served by the partial index job_running.
    const { rows } = await client.query<WaitingJob>(
      `select tenant_id as "tenantId", id as "jobId", kind
         from job
        where status = 'running'
          and (told_at is null or (told_at < $2 and coalesce(moved_at, told_at) < $2))
        order by id
        limit $1
          for update skip locked`,
      [limit, silentSince],
    );
    const outcomes = await Promise.all(
      rows.map(async (job) => ({ id: job.jobId, outcome: await tell(job) })),
    );
    const told = outcomes.filter(({ outcome }) => outcome === 'told').map(({ id }) => id);
    if (told.length > 0) {
      await client.query('update job set told_at = $2 where id = any ($1::text[])', [told, clock()]);
    }
    return { done: told.length, left: rows.length - told.length };
  });
}
