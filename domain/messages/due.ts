import { judgeLateness } from '../late/late';
import type { LateRule } from '../late/late';
import { SECONDS_PER_DAY } from '../time/calendar';
import type { Weekday } from '../time/calendar';
import { DAY } from '../time/instant';
import type { Instant } from '../time/instant';
import { ok, refused } from '../time/parsed';
import type { Parsed } from '../time/parsed';
import { addDays, wallTimeFromSeconds, weekdayOf } from '../time/wall-time';
import type { WallTime } from '../time/wall-time';
import type { WallTimePolicies, Zones } from '../time/zones';

/** When a message is to leave, as its sender said it. */
export type MessageTime =
  | { readonly kind: 'now' }
  | { readonly kind: 'instant'; readonly at: Instant }
  | { readonly kind: 'delay'; readonly ms: number }
  /** What the person's own clock is to show. */
  | { readonly kind: 'wall'; readonly wall: WallTime }
  /** A time of day, in seconds, on a day of the person's calendar. */
  | { readonly kind: 'day'; readonly day: LocalDay; readonly time: number };

export type LocalDay =
  | { readonly kind: 'today' }
  | { readonly kind: 'tomorrow' }
  /** The next one on which the time is still to come: today, if it is. */
  | { readonly kind: 'weekday'; readonly weekday: Weekday };

export interface MessageDue {
  readonly at: Instant;
  /** Null when an instant was asked for. A newer zone file, or another zone of the person, moves `at` and not this. */
  readonly wall: WallTime | null;
}

/** Messages have the default policies of schedules (semantics.md "A wall time that does not exist or exists twice"). */
export const MESSAGE_POLICIES: WallTimePolicies = { gap: 'forward', overlap: 'first' };

/** The default of schedules (semantics.md "Late"), judged when a message is accepted. */
const LATE: LateRule = { policy: 'send', graceSeconds: 3_600 };

/** Five years, one or two leap days included. */
const FURTHEST = 1_827 * DAY;

/** How long after its due instant a message may leave when nobody says (semantics.md "Late", `expiresAfter`). */
const EXPIRES_AFTER = DAY;

/** When a message is due to somebody in the zone. Throws `UnknownZoneError`. */
export function dueOf(zones: Zones, time: MessageTime, zone: string, now: Instant): MessageDue {
  switch (time.kind) {
    case 'now':
      return { at: now, wall: null };
    case 'instant':
      return { at: time.at, wall: null };
    case 'delay':
      return { at: now + time.ms, wall: null };
    case 'wall':
      return onTheWall(zones, zone, time.wall);
    case 'day':
      return onDay(zones, zone, time, now);
  }
}

/** Refuses what is too long past to be sent at once, and what is further ahead than a message may wait. */
export function admitDue(due: Instant, now: Instant): Parsed<Instant> {
  if (judgeLateness(due, now, LATE, EXPIRES_AFTER).kind === 'expired') {
    return refused('is past by more than an hour');
  }
  return due - now > FURTHEST ? refused('must be within the next 5 years') : ok(due);
}

/** The last instant at which a message may leave. @param expiresAt null when nobody said. */
export function expiryOf(due: Instant, expiresAt: Instant | null): Instant {
  return expiresAt ?? due + EXPIRES_AFTER;
}

function onDay(
  zones: Zones,
  zone: string,
  { day, time }: Extract<MessageTime, { kind: 'day' }>,
  now: Instant,
): MessageDue {
  const clock = zones.wallTimeAt(zone, now);
  const today = wallTimeFromSeconds(Math.floor(clock / SECONDS_PER_DAY) * SECONDS_PER_DAY + time);
  switch (day.kind) {
    case 'today':
      return onTheWall(zones, zone, today);
    case 'tomorrow':
      return onTheWall(zones, zone, addDays(today, 1));
    case 'weekday': {
      const next = addDays(today, (day.weekday - weekdayOf(today) + 7) % 7);
      const found = onTheWall(zones, zone, next);
      return found.at >= now ? found : onTheWall(zones, zone, addDays(next, 7));
    }
  }
}

function onTheWall(zones: Zones, zone: string, wall: WallTime): MessageDue {
  return { at: zones.instantOf(zone, wall, MESSAGE_POLICIES).at, wall };
}
