import { ok, refused } from './parsed';
import type { Parsed } from './parsed';
import { formatWallTime, parseWallTime, wallTimeFromSeconds } from './wall-time';

/** A point in time: whole milliseconds since 1970-01-01T00:00:00Z. JSON speaks ISO 8601 with `Z` instead. */
export type Instant = number;

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const SHAPE = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** Reads an ISO 8601 date and time with `Z` or an offset (RFC 3339), seconds and milliseconds optional. */
export function parseInstant(text: string): Parsed<Instant> {
  const match = SHAPE.exec(text);
  if (!match) return refused('must be an instant such as 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+01:00');
  const [, minute, second = '00', fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const wall = parseWallTime(`${minute}:${second}`);
  if (wall.kind === 'refused') return wall;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59)
    return refused('has an offset that does not exist');
  const offset = (Number(offsetHours) * HOUR + Number(offsetMinutes) * MINUTE) * (sign === '-' ? -1 : 1);
  return ok(wall.value * SECOND + Number(fraction.padEnd(3, '0')) - offset);
}

/** `YYYY-MM-DDTHH:mm:ss.sssZ`. */
export function formatInstant(at: Instant): string {
  const second = Math.floor(at / SECOND);
  const milliseconds = String(at - second * SECOND).padStart(3, '0');
  return `${formatWallTime(wallTimeFromSeconds(second))}.${milliseconds}Z`;
}
