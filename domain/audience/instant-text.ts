import { daysFromDate, daysInMonth, SECONDS_PER_DAY } from '../time/calendar';
import { SECOND } from '../time/instant';
import type { Instant } from '../time/instant';

/**
 * The texts that count as instants in comparisons: an ISO 8601 date, alone or with a time of day and an offset.
 * Years run from 0001 to 9999, offsets to 14:59, fractions to microseconds (what lies below a millisecond is cut).
 * `store/audience.ts` hands the same pattern to Postgres: it holds to what both engines read alike.
 */
export const INSTANT_PATTERN =
  '^([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])' +
  '(T([01][0-9]|2[0-3]):([0-5][0-9])(:([0-5][0-9])([.][0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?$';

const SHAPE = new RegExp(INSTANT_PATTERN);

/** The instant that a text stands for, or null when it stands for none; without an offset it is read in UTC. */
export function instantOfText(text: string): Instant | null {
  const match = SHAPE.exec(text);
  if (!match) return null;
  const [, year, month, day, , hour, minute, , second, fraction, offset] = match;
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  if (date.year === 0 || date.day > daysInMonth(date.year, date.month)) return null;
  const seconds =
    daysFromDate(date) * SECONDS_PER_DAY +
    Number(hour ?? 0) * 3_600 +
    Number(minute ?? 0) * 60 +
    Number(second ?? 0);
  const millis = Math.floor(Number(`0${fraction ?? ''}`) * 1_000_000 + 0.5) / 1_000;
  return (seconds - offsetSeconds(offset)) * SECOND + Math.floor(millis);
}

function offsetSeconds(offset: string | undefined): number {
  if (offset === undefined || offset === 'Z') return 0;
  const size = Number(offset.slice(1, 3)) * 3_600 + Number(offset.slice(4, 6)) * 60;
  return offset.startsWith('-') ? -size : size;
}
