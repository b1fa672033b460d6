import type { CodeEntry } from '../../domain/validation/field-codes';

/** `title` is that of RFC 9457. */
export interface ErrorEntry extends CodeEntry {
  /** Of the answer that carries the code. */
  readonly status: number;
}

/**
 * Every error that the API answers with, as a whole. A code is stable: clients decide by it.
 * `docs/errors.md` is held to this list by a test.
 */
export const REQUEST_ERRORS = {
  'request.malformed': {
    status: 400,
    title: 'Malformed request',
    meaning: 'The request cannot be read: a broken percent-encoding in the path, or a body that ended early.',
    fix: 'Encode each part of the path, and send the whole body.',
  },
  'body.malformed': {
    status: 400,
    title: 'Malformed JSON',
    meaning: 'The body is not valid JSON.',
    fix: 'Send one JSON document in UTF-8.',
  },
  'body.missing': {
    status: 400,
    title: 'Body missing',
    meaning: 'This route needs a body, a JSON document as a rule, and none was sent.',
    fix: 'Send a JSON document, with `Content-Type: application/json`, or a file to the routes that take one.',
  },
  'idempotency.key-invalid': {
    status: 400,
    title: 'Idempotency key not usable',
    meaning: 'The `Idempotency-Key` is empty, too long, or holds other than visible ASCII characters.',
    fix: 'Send 1 to 255 visible ASCII characters, such as a UUID.',
  },
  'auth.missing': {
    status: 401,
    title: 'No credential',
    meaning: 'The request carries no credential.',
    fix: 'Send `Authorization: Bearer <API key>`.',
  },
  'auth.invalid': {
    status: 401,
    title: 'Unknown credential',
    meaning: 'The API key does not exist or was revoked.',
    fix: 'Check the key, or let an administrator make a new one.',
  },
  'auth.jwt-not-built': {
    status: 401,
    title: 'JSON Web Tokens are not accepted yet',
    meaning: 'The credential looks like a JSON Web Token; this version accepts API keys only.',
    fix: 'Use an API key, made with POST /v1/api-keys.',
  },
  'auth.scope-missing': {
    status: 403,
    title: 'Scope missing',
    meaning: 'The credential lacks the scope that this route needs.',
    fix: 'Use a key whose role and scopes include it.',
  },
  'auth.role-missing': {
    status: 403,
    title: 'Administrators only',
    meaning: 'Only a credential with the role ADMIN may do this.',
    fix: 'Use the administrator key, or a key with the role ADMIN.',
  },
  'route.unknown': {
    status: 404,
    title: 'No such route',
    meaning: 'No route of this API has this path.',
    fix: 'Look the path up in GET /openapi.json.',
  },
  'recipient.unknown': {
    status: 404,
    title: 'No such recipient',
    meaning: 'No recipient has this id, or that recipient was erased.',
    fix: 'Check the id, percent-encoded in the path, or create the recipient with PUT.',
  },
  'template.unknown': {
    status: 404,
    title: 'No such template',
    meaning: 'No template has this id.',
    fix: 'Look the id up with GET /v1/templates.',
  },
  'segment.unknown': {
    status: 404,
    title: 'No such segment',
    meaning: 'No segment has this id.',
    fix: 'Look the id up with GET /v1/segments.',
  },
  'schedule.unknown': {
    status: 404,
    title: 'No such schedule',
    meaning: 'No schedule has this id.',
    fix: 'Look the id up with GET /v1/schedules.',
  },
  'suppression.unknown': {
    status: 404,
    title: 'No such suppression',
    meaning: 'No suppression has this id, or it was lifted.',
    fix: 'Look the id up with GET /v1/suppressions, or by address with POST /v1/suppressions/lookup.',
  },
  'message.unknown': {
    status: 404,
    title: 'No such message',
    meaning: 'No message has this id, or the day of its outcome has been dropped.',
    fix: 'Look the id up with GET /v1/messages.',
  },
  'dead-letter.unknown': {
    status: 404,
    title: 'No such dead letter',
    meaning: 'No message that failed has this id.',
    fix: 'Look the id up with GET /v1/dead-letters.',
  },
  'job.unknown': {
    status: 404,
    title: 'No such job',
    meaning: 'No job has this id.',
    fix: 'Use the id from the answer that started the job.',
  },
  'api-key.unknown': {
    status: 404,
    title: 'No such API key',
    meaning: 'No API key has this id.',
    fix: 'Look the id up with GET /v1/api-keys; it is not the key itself.',
  },
  'method.not-allowed': {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path exists, but not with this method.',
    fix: 'Use one of the methods in the `Allow` header.',
  },
  'schedule.state.conflict': {
    status: 409,
    title: 'Not possible in this state',
    meaning: 'The schedule is in a state from which this cannot be done.',
    fix: 'Read the schedule: `status` says where it is.',
  },
  'message.state.conflict': {
    status: 409,
    title: 'Too late for this message',
    meaning: 'The message is being sent at this moment, or it is over.',
    fix: 'Read the message: `status` says what became of it.',
  },
  'segment.in-use': {
    status: 409,
    title: 'Segment in use',
    meaning: 'Schedules that are not over, or other segments, ask for the segment; the detail names them.',
    fix: 'Change or cancel those first.',
  },
  'job.state.conflict': {
    status: 409,
    title: 'Job is over',
    meaning: 'The job is over and cannot be cancelled any more.',
    fix: 'Read the job: `status` says how it ended.',
  },
  'idempotency.in-progress': {
    status: 409,
    title: 'Still in progress',
    meaning: 'A request with this `Idempotency-Key` is being answered at this moment.',
    fix: 'Send the same request again; `Retry-After` says when.',
  },
  'idempotency.mismatch': {
    status: 409,
    title: 'Idempotency key used otherwise',
    meaning: 'This `Idempotency-Key` came with another request within the last 24 hours.',
    fix: 'Use a new key for each new request, and repeat a request unchanged.',
  },
  'deliveries.dropped': {
    status: 410,
    title: 'Deliveries not kept any more',
    meaning: 'The deliveries of this occurrence were dropped because of their age; its counts are kept.',
    fix: 'Read the counts with GET /v1/schedules/:id/occurrences. SUNDIAL_LEDGER_DAYS says how long deliveries are kept.',
  },
  'version.stale': {
    status: 412,
    title: 'Version is stale',
    meaning: 'The resource was changed since the version that `If-Match` names.',
    fix: 'Read it again, repeat your change on top, and send the new `ETag`.',
  },
  'body.too-large': {
    status: 413,
    title: 'Body too large',
    meaning:
      'The body is larger than 1 MB, lines of messages than 16 MB, or a file than SUNDIAL_IMPORT_MAX_BYTES.',
    fix: 'Send less in one request.',
  },
  'content-type.unsupported': {
    status: 415,
    title: 'Content type not supported',
    meaning: 'The body is not declared as what the route takes: JSON in UTF-8 as a rule.',
    fix: 'Send `Content-Type: application/json`, or what the `Accept` header of the answer names.',
  },
  'request.invalid': {
    status: 422,
    title: 'Invalid request',
    meaning: 'The request can be read, but values in it are wrong. `errors` names every one of them.',
    fix: 'Correct what `errors` names.',
  },
  'render.failed': {
    status: 422,
    title: 'Cannot be rendered',
    meaning: 'The template cannot be rendered with these values. `errors` names what is missing or wrong.',
    fix: 'Give the missing variables in `data` or as attributes of the recipient.',
  },
  'version.required': {
    status: 428,
    title: 'Version required',
    meaning: 'A change to an existing template, segment or schedule has to say which version it is based on.',
    fix: 'Send `If-Match` with the `ETag` of the version that you read.',
  },
  'import.too-many': {
    status: 429,
    title: 'Too many imports',
    meaning: 'Five imports of the tenant are running, which is as many as may at once.',
    fix: 'Wait until one of them is over, or cancel it; `Retry-After` says when to try again.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    meaning: 'Something went wrong on our side; what it was is in the log under the correlation id.',
    fix: 'Try again; if it stays, report the correlation id.',
  },
  'encryption.key-missing': {
    status: 500,
    title: 'Encryption key missing',
    meaning: 'What was asked for is sealed by a key that is not in SUNDIAL_ENCRYPTION_KEYS. Nothing is lost.',
    fix: 'Let the operator add that key again; the log names it under the correlation id.',
  },
  'database.unavailable': {
    status: 503,
    title: 'Database not available',
    meaning: 'Postgres cannot be reached at the moment. Nothing was changed.',
    fix: 'Try again; `Retry-After` says when.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof REQUEST_ERRORS;
