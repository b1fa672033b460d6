import { isGrpcServiceError } from '@temporalio/client';

/** Why Temporal did not do what it was asked, for the log: the gRPC status, or the kind of error that came before one. */
export function reasonOf(error: unknown): number | string {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
