import { HOUR } from '../time/instant';

/** Whatever a provider asks for, it is asked again after this: a wrong date or a slip of zeros must not bar it for ever. */
const LONGEST_HEEDED_MS = HOUR;

/** For how long a provider that said "not before" is left alone, in milliseconds. */
export function heededRetryAfter(retryAfterMs: number): number {
  if (Number.isNaN(retryAfterMs)) return 0;
  return Math.min(Math.max(0, retryAfterMs), LONGEST_HEEDED_MS);
}
