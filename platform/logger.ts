import { pino, stdTimeFunctions, type Logger } from 'pino';
import { errorCode } from './error-code';

export type { Logger };

/**
 * JSON lines on standard output. Callers log ids, counts and codes, never a name or an address.
 * @param name which process speaks: `api` or `worker`.
 */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, timestamp: stdTimeFunctions.isoTime });
}

/** What may be logged of an error: where it happened, without the message, which may quote the values of a row. */
export function describeError(thrown: unknown): { error: string; code?: string; stack?: string } {
  if (!(thrown instanceof Error)) return { error: typeof thrown };
  const code = errorCode(thrown);
  const frames = thrown.stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    error: thrown.name,
    ...(code !== undefined && { code }),
    ...(frames && { stack: frames.join('\n') }),
  };
}
