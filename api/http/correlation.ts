import { randomUUID } from 'node:crypto';

export const CORRELATION_HEADER = 'X-Correlation-Id';

/** What may come back in a header and stand in a log line as it is. */
const SHAPE = /^[A-Za-z0-9._:-]{1,128}$/;

/** W3C Trace Context: version, trace, parent, flags; later versions may add to it. A trace of zeros is none. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/**
 * The caller's own id when it has a harmless form, otherwise the trace that the request belongs to, otherwise a new one.
 * @param given the header `X-Correlation-Id`.
 * @param traceparent the header of that name.
 */
export function correlationIdOf(given: string | undefined, traceparent: string | undefined): string {
  if (given !== undefined && SHAPE.test(given)) return given;
  return TRACEPARENT.exec(traceparent ?? '')?.[1] ?? randomUUID();
}
