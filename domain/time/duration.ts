import { DAY, HOUR, MINUTE, SECOND } from './instant';
import { ok, refused } from './parsed';
import type { Parsed } from './parsed';

const SHAPE =
  /^P(?=\d|T\d)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,3}))?S)?)?$/;
const UNITS = [7 * DAY, DAY, HOUR, MINUTE, SECOND];

/** A century: what is longer was a slip of the keyboard. */
const LONGEST = 36_525 * DAY;

/**
 * Reads an ISO 8601 duration of elapsed time, such as `PT90S`, `PT30M` or `P1DT2H`, as milliseconds. A day is
 * 24 hours and a week seven days; years and months have no length of their own and are refused.
 */
export function parseDuration(text: string): Parsed<number> {
  if (/^P[^T]*\d[YM]/.test(text))
    return refused('must not have years or months: their length varies; use days');
  const match = SHAPE.exec(text);
  if (!match) return refused('must be an ISO 8601 duration such as PT90S, PT30M, P1D or P1DT2H');
  const [, ...amounts] = match;
  const fraction = Number((amounts[5] ?? '').padEnd(3, '0'));
  const length = UNITS.reduce((sum, unit, n) => sum + Number(amounts[n] ?? 0) * unit, fraction);
  return length > LONGEST ? refused('must not be longer than 100 years') : ok(length);
}
