import { ok, refused } from '../time/parsed';
import type { Parsed } from '../time/parsed';
import { parseWallTime } from '../time/wall-time';
import type { LocalDay, MessageTime } from './due';

/** In the order of `Weekday`. */
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME_OF_DAY = /^\d{2}:\d{2}(?::\d{2})?$/;

/** What is wrong with a local time, and with which part of it. */
export type ParsedLocalTime =
  | { readonly kind: 'ok'; readonly value: MessageTime }
  | { readonly kind: 'refused'; readonly part: 'day' | 'time'; readonly reason: string };

/** Reads `sendLocal` when it is a wall time, such as `2026-12-24T18:00:00`. */
export function parseLocalTime(text: string): Parsed<MessageTime> {
  if (/(?:Z|[+-]\d{2}:\d{2})$/.test(text)) {
    return refused(
      'must be a wall time without offset, such as 2026-12-24T18:00:00; an instant goes into sendAt',
    );
  }
  const wall = parseWallTime(text);
  return wall.kind === 'ok' ? ok({ kind: 'wall', wall: wall.value }) : wall;
}

/** Reads `sendLocal` when it is a day, `today`, `tomorrow`, a weekday or a date, and a time of day. */
export function parseLocalDay(day: string, time: string): ParsedLocalTime {
  if (!TIME_OF_DAY.test(time)) return wrong('time', 'must be a time of day such as 09:00 or 18:30:00');
  const clock = parseWallTime(`1970-01-01T${time}`);
  if (clock.kind === 'refused') return wrong('time', clock.reason);
  if (DATE.test(day)) {
    const wall = parseWallTime(`${day}T${time}`);
    return wall.kind === 'ok'
      ? { kind: 'ok', value: { kind: 'wall', wall: wall.value } }
      : wrong('day', wall.reason);
  }
  const named = namedDay(day);
  if (named === null) {
    return wrong('day', 'must be today, tomorrow, a weekday such as monday, or a date such as 2026-12-24');
  }
  return { kind: 'ok', value: { kind: 'day', day: named, time: clock.value } };
}

function namedDay(day: string): LocalDay | null {
  if (day === 'today' || day === 'tomorrow') return { kind: day };
  const weekday = WEEKDAYS.indexOf(day);
  return weekday === -1 ? null : { kind: 'weekday', weekday };
}

function wrong(part: 'day' | 'time', reason: string): ParsedLocalTime {
  return { kind: 'refused', part, reason };
}
