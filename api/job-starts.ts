import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { reasonOf } from '../commands/temporal-failure';
import { SECOND } from '../domain/time/instant';
import { drainJobs } from '../store/jobs';
import type { JobKind, WaitingJob } from '../store/jobs';
import { jobWorkflowId, SEARCH_ATTRIBUTE, TASK_QUEUE, WORKFLOW } from '../workflows/contract';
import type { JobInput, JobWorkflow } from '../workflows/contract';
import type { CommandDeps } from './commands';
import { startDraining } from './draining';
import type { Draining } from './draining';

const TELL_DEADLINE_MS = 5 * SECOND;

const tenantAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.tenant, 'KEYWORD');

/** Starts the workflows of jobs that were committed: a job waits in its row for as long as Temporal is away. */
export function startJobStarts(deps: CommandDeps): Draining {
  const { db, logger, clock } = deps;
  return startDraining({
    logger,
    what: 'jobs that wait',
    drain: (limit) =>
      drainJobs(
        db,
        limit,
        (job) => tell(deps, job),
        () => new Date(clock()),
      ),
  });
}

async function tell({ temporal, logger }: CommandDeps, job: WaitingJob): Promise<'told' | 'failed'> {
  const { tenantId, jobId } = job;
  const type = workflowOf(job.kind);
  const input: JobInput = { tenantId, jobId };
  try {
    await temporal.withDeadline(Date.now() + TELL_DEADLINE_MS, () =>
      temporal.workflow.start(type, {
        workflowId: jobWorkflowId(type, jobId),
        taskQueue: TASK_QUEUE,
        args: [input],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        typedSearchAttributes: new TypedSearchAttributes([{ key: tenantAttribute, value: String(tenantId) }]),
        staticSummary: `${job.kind} ${jobId}`,
      }),
    );
    return 'told';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'told';
    logger.warn({ jobId, reason: reasonOf(error) }, 'a job could not be started yet');
    return 'failed';
  }
}

function workflowOf(kind: JobKind): JobWorkflow {
  switch (kind) {
    case 'import':
      return WORKFLOW.import;
    case 'erasure':
      throw new Error('Erasures are done within their command: none waits.');
  }
}
