import { dateFromDays, daysFromDate, isLeapYear, SECONDS_PER_DAY, weekdayOfDays } from './calendar';
import { changesOfYear, parsePosixRule } from './posix-rule';
import type { ChangeOfYear, PosixRule } from './posix-rule';
import type { ZoneRules } from './zone-rules';

/** One zone's offsets, ready for questions. All times here are seconds since 1970-01-01T00:00:00Z. */
export interface Timeline {
  readonly first: number;
  readonly at: readonly number[];
  readonly offset: readonly number[];
  /** From here on the rule holds. */
  readonly ruledFrom: number;
  readonly rule: PosixRule;
  /** The rule's changes by kind of year, of which there are fourteen: seven weekdays to begin on, leap or not. */
  readonly ruled: Map<number, readonly ChangeOfYear[]>;
}

export interface OffsetChange {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

export function timelineOf(rules: ZoneRules): Timeline {
  return {
    first: rules.first,
    at: rules.at,
    offset: rules.offset,
    ruledFrom: rules.at.at(-1) ?? -Infinity,
    rule: parsePosixRule(rules.rule),
    ruled: new Map(),
  };
}

/** Seconds east of Greenwich at the second `time`. */
export function offsetAt(timeline: Timeline, time: number): number {
  if (time >= timeline.ruledFrom) return ruledOffsetAt(timeline, time);
  const changes = countUpTo(timeline.at, time);
  return changes === 0 ? timeline.first : (timeline.offset[changes - 1] ?? timeline.first);
}

/** Changes with `after` < `at` <= `upTo`, ascending. What leaves the offset as it was is no change. */
export function changesBetween(timeline: Timeline, after: number, upTo: number): readonly OffsetChange[] {
  const changes: OffsetChange[] = [];
  let current: number | undefined;
  const add = (at: number, offset: number): void => {
    current ??= offsetAt(timeline, after);
    if (offset === current) return;
    // A rule for daylight saving all year ends and begins at one instant: nothing changes then.
    const last = changes.at(-1);
    if (last?.at === at) {
      changes.pop();
      if (last.before !== offset) changes.push({ at, before: last.before, after: offset });
    } else {
      changes.push({ at, before: current, after: offset });
    }
    current = offset;
  };

  for (let n = countUpTo(timeline.at, after); n < timeline.at.length; n += 1) {
    const at = timeline.at[n];
    const offset = timeline.offset[n];
    if (at === undefined || offset === undefined || at > upTo) break;
    add(at, offset);
  }
  if (timeline.rule.daylight !== null && upTo > timeline.ruledFrom) {
    const from = Math.max(after, timeline.ruledFrom);
    const lastYear = yearOf(upTo) + 1;
    for (let year = yearOf(from) - 1; year <= lastYear; year += 1) {
      const start = startOfYear(year);
      for (const change of ruledChanges(timeline, year)) {
        const at = start + change.at;
        if (at > from && at <= upTo) add(at, change.offset);
      }
    }
  }
  return changes;
}

function ruledOffsetAt(timeline: Timeline, time: number): number {
  if (timeline.rule.daylight === null) return timeline.rule.standardOffset;
  // A change may fall outside its year in UTC, by a week at most.
  const year = yearOf(time);
  for (let candidate = year + 1; candidate >= year - 1; candidate -= 1) {
    const start = startOfYear(candidate);
    const changes = ruledChanges(timeline, candidate);
    for (let n = changes.length - 1; n >= 0; n -= 1) {
      const change = changes[n];
      if (change !== undefined && start + change.at <= time) return change.offset;
    }
  }
  return timeline.rule.standardOffset;
}

function ruledChanges(timeline: Timeline, year: number): readonly ChangeOfYear[] {
  const kind = weekdayOfDays(daysFromDate({ year, month: 1, day: 1 })) + (isLeapYear(year) ? 7 : 0);
  const known = timeline.ruled.get(kind);
  if (known !== undefined) return known;
  const changes = changesOfYear(timeline.rule, year);
  timeline.ruled.set(kind, changes);
  return changes;
}

function yearOf(time: number): number {
  return dateFromDays(Math.floor(time / SECONDS_PER_DAY)).year;
}

function startOfYear(year: number): number {
  return daysFromDate({ year, month: 1, day: 1 }) * SECONDS_PER_DAY;
}

/** How many of the ascending `values` are at most `limit`. */
function countUpTo(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = values[middle];
    if (value !== undefined && value <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
