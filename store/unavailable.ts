import { errorCode } from '../platform/error-code';

/**
 * Codes of Node and Postgres that mean "no server to talk to right now", as opposed to a statement that went
 * wrong. Class 08 is a broken connection, 57P01 to 57P03 a server that stops or starts, 53300 one that is full, 57014
 * one that did not come to an end with a statement in the time of store/database.ts.
 */
const CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '57P01',
  '57P02',
  '57P03',
  '57014',
  '53300',
  // Prisma: server not reached, not reached in time, connection closed, pool timed out.
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
]);

/** What pg says when a statement has no answer for too long: a server that is silent, or at work on it for too long. */
const NO_ANSWER = 'Query read timeout';
const QUERY_CANCELED = '57014';

/** What pg says without a code of its own. */
const MESSAGES =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after calling end/;

/** Whether a store function failed because Postgres could not be reached, rather than by its own fault. */
export function isDatabaseUnavailable(error: unknown): boolean {
  // By shape and not by class: drivers wrap each other's errors, and a class is not the same in every realm.
  if (typeof error !== 'object' || error === null) return false;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string' && (CODES.has(code) || code.startsWith('08'))) return true;
  const message: unknown = Reflect.get(error, 'message');
  if (typeof message === 'string' && MESSAGES.test(message)) return true;
  // A host with several addresses fails with one error for all of them.
  const errors: unknown = Reflect.get(error, 'errors');
  if (Array.isArray(errors) && errors.some(isDatabaseUnavailable)) return true;
  return isDatabaseUnavailable(Reflect.get(error, 'cause'));
}

/**
 * Whether a statement took longer than anybody waits for it, or was cancelled. A silent server is no different, until
 * the next statement is sent to it.
 */
export function isStatementTooLong(error: unknown): boolean {
  return error instanceof Error && (errorCode(error) === QUERY_CANCELED || error.message.includes(NO_ANSWER));
}
