import type { FieldError } from '../../domain/field-error';
import { UnknownKeyError } from '../../platform/crypto';
import { isDatabaseUnavailable } from '../../store/unavailable';
import { REQUEST_ERRORS } from './codes';
import type { ErrorCode } from './codes';

/** An answer that is an error. The message and the fields are public: nothing internal belongs in them. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: ErrorCode,
    /** What is special about this occurrence; the code's meaning when there is nothing to add. */
    detail: string = REQUEST_ERRORS[code].meaning,
    readonly errors: readonly FieldError[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

/** Values of a request that can be read but are wrong; `errors` must not be empty. */
export function invalidRequest(errors: readonly FieldError[], code: ErrorCode = 'request.invalid'): ApiError {
  const [first, ...others] = errors;
  const more = others.length === 0 ? '' : ` (and ${others.length} more in errors)`;
  return new ApiError(code, first ? `${first.message}${more}` : undefined, errors);
}

/** RFC 9457, with the members of contract.md. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly correlationId: string;
}

/** Names the kind of problem without promising that the name can be opened; docs/errors.md explains each. */
export function problemType(code: ErrorCode): string {
  return `urn:sundial:problem:${code}`;
}

export function problemOf(error: ApiError, correlationId: string): Problem {
  const { status, title } = REQUEST_ERRORS[error.code];
  return {
    type: problemType(error.code),
    title,
    status,
    detail: error.message,
    code: error.code,
    errors: error.errors,
    correlationId,
  };
}

/** Makes a public answer of whatever was thrown; what is not known stays inside as `internal`. */
export function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (isDatabaseUnavailable(thrown)) {
    return new ApiError('database.unavailable', undefined, [], { 'Retry-After': '2' });
  }
  if (thrown instanceof UnknownKeyError) return new ApiError('encryption.key-missing');
  // Express throws a URIError with status 400 for a path that cannot be decoded.
  if (thrown instanceof URIError) return new ApiError('request.malformed');
  return new ApiError('internal');
}
