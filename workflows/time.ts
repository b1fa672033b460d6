import { DAY, MINUTE, formatInstant } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';

/** A server's durations end at 292 years. A timer that ends before its time only makes its workflow look again. */
const LONGEST_TIMER = 10 * 365 * DAY;

/**
 * The workflow's own time, for the length of a timer: in the sandbox `Date` stands still within a workflow task
 * and replays to the same value. What steers a workflow comes from an activity instead, so that history has it.
 */
export function workflowNow(): Instant {
  // oxlint-disable-next-line no-restricted-properties -- the one place, deterministic in here
  return Date.now();
}

/** Milliseconds for a timer that is to end at `at`. */
export function timerUntil(at: Instant): number {
  return Math.min(Math.max(at - workflowNow(), 0), LONGEST_TIMER);
}

/** For people who read histories: `2026-11-30T19:00Z`, with seconds only where there are any. */
export function shortInstant(at: Instant): string {
  return `${formatInstant(at).slice(0, at % MINUTE === 0 ? 16 : 19)}Z`;
}
