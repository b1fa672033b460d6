import type { LateRule } from '../late/late';
import { judgeLateness } from '../late/late';
import type { Instant } from '../time/instant';
import { ok, refused } from '../time/parsed';
import type { Parsed } from '../time/parsed';
import type { Zones } from '../time/zones';
import { planOnce } from './plan';
import type { OnceTime } from './plan';

/** The first and the last instant at which a once schedule can concern anybody, wherever they live. */
export interface OnceSpan {
  readonly earliest: Instant;
  readonly latest: Instant;
}

/** Looks at every zone of the data, skipped ones too: somebody has to record what was skipped. */
export function spanOfOnce(zones: Zones, time: OnceTime): OnceSpan {
  const { due, skipped } = planOnce(zones, time, zones.names());
  const instants = [...due, ...skipped].map(({ at }) => at);
  return { earliest: Math.min(...instants), latest: Math.max(...instants) };
}

/**
 * Refuses a time that is past beyond the grace in every zone (semantics.md "Late"): everybody's message would
 * be recorded as expired. `ok` holds the span.
 */
export function admitOnce(
  zones: Zones,
  time: OnceTime,
  now: Instant,
  late: LateRule,
  expiresAfterMs: number,
): Parsed<OnceSpan> {
  const span = spanOfOnce(zones, time);
  return judgeLateness(span.latest, now, late, expiresAfterMs).kind === 'expired'
    ? refused('is past, beyond the grace of `late`, in every time zone')
    : ok(span);
}
