import { Context } from '@temporalio/activity';
import type { Tally } from '../contract';
import { handedBack } from '../handed-back';

/** Where a delivery of messages is: what an operator sees in the heartbeat. */
export interface MessageProgress {
  /** Messages that are claimed and have no outcome yet. */
  readonly inHand: number;
  readonly counts: Tally;
}

/** One attempt at a delivery of messages, as the engine sees it. */
export interface MessageRun {
  /** Aborted when the worker shuts down or nobody wants the delivery any more. */
  readonly stop: AbortSignal;
  heartbeat(progress: MessageProgress): void;
  /** What to throw once it has stopped. */
  stopped(): Error;
}

/** The run that Temporal is executing in the current async context. */
export function temporalMessageRun(): MessageRun {
  const context = Context.current();
  return {
    stop: context.cancellationSignal,
    heartbeat: (progress) => context.heartbeat(progress),
    stopped: () => handedBack(context, 'delivery'),
  };
}
