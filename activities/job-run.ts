import { Context } from '@temporalio/activity';
import type { JobProgress } from '../store/jobs';
import { handedBack } from './handed-back';

/** One attempt at a stretch of a job, as the engine sees it. */
export interface JobRun {
  /** Aborted when the worker shuts down or nobody wants the job any more. */
  readonly stop: AbortSignal;
  heartbeat(progress: JobProgress): void;
  /** What to throw once the work has stopped. */
  stopped(): Error;
}

/** The run that Temporal is executing in the current async context. */
export function temporalJobRun(): JobRun {
  const context = Context.current();
  return {
    stop: context.cancellationSignal,
    heartbeat: (progress) => context.heartbeat(progress),
    stopped: () => handedBack(context, 'job'),
  };
}
