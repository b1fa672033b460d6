import { ApplicationFailure } from '@temporalio/common';
import type { Context } from '@temporalio/activity';

/** What to throw once an attempt has stopped: the cancellation where somebody asked for one, otherwise what has it repeated. */
export function handedBack(context: Context, what: 'job' | 'page' | 'delivery'): Error {
  const reason: unknown = context.cancellationSignal.reason;
  if (context.cancellationDetails?.cancelRequested === true && reason instanceof Error) return reason;
  const type = { job: 'JobHandedBack', page: 'PageHandedBack', delivery: 'DeliveryHandedBack' }[what];
  return ApplicationFailure.retryable(`The ${what} was handed back before it was done.`, type);
}
