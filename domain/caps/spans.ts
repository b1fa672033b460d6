import { addDays, wallTimeFromSeconds, weekdayOf } from '../time/wall-time';
import { SECONDS_PER_DAY } from '../time/calendar';
import type { Instant } from '../time/instant';
import type { WallTime } from '../time/wall-time';
import type { Zones } from '../time/zones';
import type { CapWindow } from './rule';

/** A stretch of time: `from` <= t < `to`. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** What a message that is due at some instant is counted together with. */
export type CapSpans =
  { readonly kind: 'rolling' } | { readonly kind: 'calendar'; readonly day: Span; readonly week: Span };

const ROLLING: CapSpans = { kind: 'rolling' };

/** For a person in `zone`; a calendar day is 23, 24 or 25 hours long there, a week begins on Monday (ISO 8601). */
export function capSpansOf(window: CapWindow, zones: Zones, zone: string, due: Instant): CapSpans {
  switch (window) {
    case 'rolling':
      return ROLLING;
    case 'calendar': {
      const today = midnightOf(zones.wallTimeAt(zone, due));
      const monday = addDays(today, -((weekdayOf(today) + 6) % 7));
      const between = (from: WallTime, days: number): Span => ({
        from: startOf(zones, zone, from),
        to: startOf(zones, zone, addDays(from, days)),
      });
      return { kind: 'calendar', day: between(today, 1), week: between(monday, 7) };
    }
  }
}

function midnightOf(wall: WallTime): WallTime {
  return wallTimeFromSeconds(Math.floor(wall / SECONDS_PER_DAY) * SECONDS_PER_DAY);
}

/** Where clocks jump over midnight the day begins with the jump; where they show it twice, with the first. */
function startOf(zones: Zones, zone: string, midnight: WallTime): Instant {
  return zones.instantOf(zone, midnight, { gap: 'at-transition', overlap: 'first' }).at;
}
