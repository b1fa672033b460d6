import { CompleteAsyncError } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { UnknownKeyError } from '../platform/crypto';
import { describeError } from '../platform/logger';

/**
 * Temporal keeps the message of a failed activity unencrypted, and the SDK logs it: messages of databases and providers
 * quote values. What leaves an activity names the kind of error, its code and where it was thrown.
 */
export const discreetFailures: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      throw discreet(error);
    }
  },
};

/** What our own code words, and what steers the SDK, passes as it is. */
function discreet(thrown: unknown): unknown {
  if (
    thrown instanceof TemporalFailure ||
    thrown instanceof CompleteAsyncError ||
    thrown instanceof UnknownKeyError ||
    (thrown instanceof Error && thrown.name === 'AbortError')
  ) {
    return thrown;
  }
  const { error, code, stack } = describeError(thrown);
  const message = code === undefined ? error : `${error} ${code}`;
  const failure = ApplicationFailure.retryable(message, error);
  failure.stack = `${failure.name}: ${message}\n${stack ?? ''}`;
  return failure;
}
