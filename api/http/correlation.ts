import { randomUUID } from 'node:crypto';

export const CORRELATION_HEADER = 'X-Correlation-Id';

/** What may come back in a header and stand in a log line as it is. */
const SHAPE = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's correlation id when it has a harmless form, otherwise a new one. */
export function correlationIdOf(given: string | undefined): string {
  return given !== undefined && SHAPE.test(given) ? given : randomUUID();
}
