import { dateFromDays, daysFromDate, daysInMonth, SECONDS_PER_DAY, weekdayOfDays } from './calendar';
import type { CalendarDate, Weekday } from './calendar';
import { ok, refused } from './parsed';
import type { Parsed } from './parsed';

declare const brand: unique symbol;

/**
 * What a clock on a wall shows, in no particular zone: whole seconds from 1970-01-01T00:00:00 on that
 * wall. Wall times compare and subtract as numbers do; only `Zones` turns one into an instant.
 */
export type WallTime = number & { readonly [brand]: 'WallTime' };

export interface WallTimeParts extends CalendarDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** The wall time that lies `seconds` after 1970-01-01T00:00:00 on the wall; `seconds` must be whole. */
export function wallTimeFromSeconds(seconds: number): WallTime {
  if (!isWallTime(seconds)) throw new RangeError(`a wall time has whole seconds, not ${seconds}`);
  return seconds;
}

function isWallTime(seconds: number): seconds is WallTime {
  return Number.isSafeInteger(seconds);
}

/** The parts must name a moment that exists, as those that `parseWallTime` has checked do. */
function wallTimeFromParts(parts: WallTimeParts): WallTime {
  return wallTimeFromSeconds(
    daysFromDate(parts) * SECONDS_PER_DAY + parts.hour * 3_600 + parts.minute * 60 + parts.second,
  );
}

export function wallTimeParts(wall: WallTime): WallTimeParts {
  const days = Math.floor(wall / SECONDS_PER_DAY);
  const second = wall - days * SECONDS_PER_DAY;
  return {
    ...dateFromDays(days),
    hour: Math.floor(second / 3_600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
  };
}

export function weekdayOf(wall: WallTime): Weekday {
  return weekdayOfDays(Math.floor(wall / SECONDS_PER_DAY));
}

/** The same time of day, `days` later (or earlier, if negative). */
export function addDays(wall: WallTime, days: number): WallTime {
  return wallTimeFromSeconds(wall + days * SECONDS_PER_DAY);
}

const SHAPE = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;

/** Reads `YYYY-MM-DDTHH:mm` or `YYYY-MM-DDTHH:mm:ss`; a date or a time of day that no calendar has is refused. */
export function parseWallTime(text: string): Parsed<WallTime> {
  const match = SHAPE.exec(text);
  if (!match) return refused('must be a wall time such as 2026-12-01T09:00:00, without zone or offset');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  if (month < 1 || month > 12) return refused(`there is no month ${match[2]}`);
  if (day < 1 || day > daysInMonth(year, month)) {
    return refused(`${match[1]}-${match[2]} has no day ${match[3]}`);
  }
  if (hour > 23) return refused(`hours run from 00 to 23, not ${match[4]}`);
  if (minute > 59) return refused(`minutes run from 00 to 59, not ${match[5]}`);
  if (second > 59) return refused(`seconds run from 00 to 59, not ${match[6]}`);
  return ok(wallTimeFromParts({ year, month, day, hour, minute, second }));
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `YYYY-MM-DDTHH:mm:ss`; a year outside 0000-9999 is signed and has six digits, as in ECMAScript. */
export function formatWallTime(wall: WallTime): string {
  const { year, month, day, hour, minute, second } = wallTimeParts(wall);
  const yearText =
    year >= 0 && year <= 9_999
      ? String(year).padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
  return `${yearText}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}
