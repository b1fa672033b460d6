import type { DeliveryReason } from '../delivery/state';
import { DAY } from '../time/instant';
import type { Instant } from '../time/instant';
import type { CapLimits } from './rule';
import type { CapSpans, Span } from './spans';

/** Which cap a message is beyond; the day speaks first. */
export type CapReason = Extract<DeliveryReason, 'cap-day' | 'cap-week'>;

export const ROLLING_DAY = DAY;
export const ROLLING_WEEK = 7 * DAY;

/**
 * Whether one message more may go to a person, by the due instants of those that they have. Null lets it pass.
 *
 * A rolling window ends at a message: (t - 24 h, t] and (t - 7 d, t]. Where messages come in the order of their due
 * instants only the window of the new one can overflow. One that comes late, after later ones, also lies in the
 * windows of those, and must not fill any of them beyond the limit: otherwise the order in which pages run would
 * decide whether a cap holds.
 */
export function judgeCap(
  stamps: readonly Instant[],
  due: Instant,
  { perDay, perWeek }: CapLimits,
  spans: CapSpans,
): CapReason | null {
  switch (spans.kind) {
    case 'rolling':
      if (perDay !== null && isFullAround(stamps, due, ROLLING_DAY, perDay)) return 'cap-day';
      return perWeek !== null && isFullAround(stamps, due, ROLLING_WEEK, perWeek) ? 'cap-week' : null;
    case 'calendar':
      if (perDay !== null && countWithin(stamps, spans.day) >= perDay) return 'cap-day';
      return perWeek !== null && countWithin(stamps, spans.week) >= perWeek ? 'cap-week' : null;
  }
}

function isFullAround(stamps: readonly Instant[], due: Instant, length: number, limit: number): boolean {
  const ends = [due, ...stamps.filter((at) => at > due && at < due + length)];
  return ends.some((end) => stamps.filter((at) => at > end - length && at <= end).length >= limit);
}

function countWithin(stamps: readonly Instant[], { from, to }: Span): number {
  return stamps.filter((at) => at >= from && at < to).length;
}
