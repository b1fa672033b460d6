import { Worker } from '@temporalio/worker';
import type { DataConverter, NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Activities, JobActivities, StewardActivities } from '../activities/contract';
import { TASK_QUEUE, urgentQueueOf } from '../workflows/contract';
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

/** What polls in one process. */
export interface SundialWorker {
  /** Polls until the promise settles, and ends what it has begun. @throws what one of its workers ended with */
  runUntil(until: Promise<void>): Promise<void>;
}

/** Polls the task queue, and with slots of their own what is urgent; the end of one is the end of both. */
export async function createSundialWorker(deps: SundialWorkerDeps): Promise<SundialWorker> {
  const workers = [await Worker.create(workerOptions(deps)), await Worker.create(urgentOptions(deps))];
  return {
    async runUntil(until) {
      const failing = new AbortController();
      const failed = new Promise<void>((resolve) => {
        failing.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      const ended = workers.map(async (worker) => {
        try {
          await worker.runUntil(Promise.race([until, failed]));
        } catch (error) {
          failing.abort();
          throw error;
        }
      });
      await Promise.allSettled(ended);
      await Promise.all(ended);
    },
  };
}

/** The limits fit a worker of 1 GB beside everything else on a small machine. */
export function workerOptions(
  deps: SundialWorkerDeps,
): WorkerOptions & { taskQueue: string; workflowBundle: SundialWorkerDeps['workflowBundle'] } {
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

/** For activities of what is urgent: slots that no campaign can hold, however many of its pages wait for a provider. */
export function urgentOptions(deps: SundialWorkerDeps): WorkerOptions {
  const { workflowBundle: _bundle, maxCachedWorkflows: _cached, ...options } = workerOptions(deps);
  return {
    ...options,
    taskQueue: urgentQueueOf(options.taskQueue),
    maxConcurrentActivityTaskExecutions: 20,
  };
}
