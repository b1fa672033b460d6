import { ApplicationFailure } from '@temporalio/common';
import { SECOND } from '../domain/time/instant';
import { UnknownKeyError } from '../platform/crypto';
import { describeError } from '../platform/logger';
import { endJob, findJob, noteStepFailure } from '../store/jobs';
import type { JobFailure, JobProgress, JobRecord } from '../store/jobs';
import { isDatabaseUnavailable, isStatementTooLong } from '../store/unavailable';
import type { JobRef, JobState } from './contract';
import type { ActivityDeps } from './deps';
import { advanceImport } from './import';
import type { ImportPace } from './import-pace';
import { JobFailed } from './job-failed';
import type { JobRun } from './job-run';

/** How often a step may go wrong, other than by an outage, before its job is given up. */
const MOST_FAILURES = 5;

const HEARTBEAT_MS = 5 * SECOND;

type JobDeps = Pick<ActivityDeps, 'db' | 'keyRing' | 'zones' | 'clock' | 'logger'>;

/**
 * Carries a job on for a while, from where its row says that it is. Each step and what it did are one transaction, so
 * that nothing is lost or done twice whenever a process dies; of two attempts at once one finds itself overtaken.
 */
export async function advanceJob(
  deps: JobDeps,
  run: JobRun,
  ref: JobRef,
  pace?: ImportPace,
): Promise<JobState> {
  const job = await findJob(deps.db, ref);
  if (job?.status !== 'running') return stateOf(job);
  let last: JobProgress = { done: job.done, total: job.total, failed: job.failed };
  // Within a step as well: a busy Postgres may take long over one.
  const beat = setInterval(() => run.heartbeat(last), HEARTBEAT_MS);
  const heartbeat = (progress: JobProgress): void => run.heartbeat((last = progress));
  try {
    await advance(deps, { ...run, heartbeat }, ref, job, pace);
  } catch (error) {
    if (run.stop.aborted) throw run.stopped();
    if (isOutage(error)) throw error;
    const failure = await failureAfter(deps, ref, error);
    if (failure === null) {
      // Without the error itself: failures stand in histories in the clear, and a driver's message may quote a row.
      throw ApplicationFailure.retryable(
        'A step of the job went wrong: the log of the worker names it.',
        'JobStepFailed',
      );
    }
    const ended = await endJob(deps.db, ref, { status: 'failed', failure }, new Date(deps.clock()));
    if (ended) deps.logger.error({ jobId: ref.jobId, job: job.kind, failure }, 'a job has failed');
  } finally {
    clearInterval(beat);
  }
  const state = stateOf(await findJob(deps.db, ref));
  if (state.kind === 'over') deps.logger.info({ jobId: ref.jobId, job: job.kind, ...state }, 'a job is over');
  return state;
}

function advance(
  deps: JobDeps,
  run: JobRun,
  ref: JobRef,
  job: JobRecord,
  pace: ImportPace | undefined,
): Promise<void> {
  switch (job.kind) {
    case 'import':
      return advanceImport(deps, run, ref, job, pace);
    case 'erasure':
      throw ApplicationFailure.nonRetryable('Erasures are done within their command.', 'JobOfAnotherKind');
  }
}

/**
 * What passes without the job's doing: it waits for as long as that takes. A statement that takes too long does not
 * pass; where it was a server that is silent, the failure cannot be noted either, and so does not count.
 */
function isOutage(error: unknown): boolean {
  if (isStatementTooLong(error)) return false;
  return isDatabaseUnavailable(error) || error instanceof UnknownKeyError;
}

/** Why the job is to be given up; null when trying again may help. */
async function failureAfter(
  { db, logger }: JobDeps,
  ref: JobRef,
  error: unknown,
): Promise<JobFailure | null> {
  if (error instanceof JobFailed) return error.failure;
  const failures = await noteStepFailure(db, ref);
  logger.warn({ jobId: ref.jobId, ...describeError(error), failures }, 'a step of a job went wrong');
  return failures >= MOST_FAILURES ? 'job.stuck' : null;
}

function stateOf(job: JobRecord | null): JobState {
  const { done, total, failed } = job ?? { done: 0, total: 0, failed: 0 };
  const status = job?.status ?? 'unknown';
  return { kind: status === 'running' ? 'running' : 'over', status, done, total, failed };
}
