import { pino, stdTimeFunctions, type Logger } from 'pino';

export type { Logger };

/**
 * JSON lines on standard output. Callers log ids, counts and codes, never a name or an address.
 * @param name which process speaks: `api` or `worker`.
 */
export function createLogger(name: string, level: string): Logger {
  return pino({ name, level, timestamp: stdTimeFunctions.isoTime });
}
