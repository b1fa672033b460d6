import { Worker } from '@temporalio/worker';
import type { DataConverter, NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Activities, JobActivities, StewardActivities } from '../activities/contract';
import { TASK_QUEUE } from '../workflows/contract';
import { discreetFailures } from './discreet-failures';

export interface SundialWorkerDeps {
  connection: NativeConnection;
  /** What `bundleWorkflowCode` made, or where it was written to. */
  workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  activities: Activities & Partial<StewardActivities & JobActivities>;
  /** Encrypts what goes into histories; without one they can be read by whoever reads Temporal's database. */
  dataConverter?: DataConverter;
  /** Default `sundial`. */
  taskQueue?: string;
  /** How long pages may go on after `shutdown()` before they are told to stop, in milliseconds; default 3 s. */
  shutdownGraceMs?: number;
}

/** A worker that has not started polling yet: `run()` polls until `shutdown()`. */
export function createSundialWorker(deps: SundialWorkerDeps): Promise<Worker> {
  return Worker.create(workerOptions(deps));
}

/** The limits fit a worker of 1 GB beside everything else on a small machine. */
export function workerOptions(
  deps: SundialWorkerDeps,
): WorkerOptions & { workflowBundle: SundialWorkerDeps['workflowBundle'] } {
  const grace = deps.shutdownGraceMs ?? 3_000;
  return {
    connection: deps.connection,
    namespace: 'default',
    taskQueue: deps.taskQueue ?? TASK_QUEUE,
    workflowBundle: deps.workflowBundle,
    activities: deps.activities,
    interceptors: { activity: [() => ({ inbound: discreetFailures })] },
    ...(deps.dataConverter && { dataConverter: deps.dataConverter }),
    // A cached workflow costs up to 1 MB; one that is not cached costs a replay when it wakes, once.
    maxCachedWorkflows: 300,
    // Most of them hold until their instant; those that send share the channel's lane and the pool of connections.
    maxConcurrentActivityTaskExecutions: 100,
    shutdownGraceTime: grace,
    // A page that does not come back by then is taken up by another worker when its heartbeat is missed.
    shutdownForceTime: grace + 7_000,
  };
}
