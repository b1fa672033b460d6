import type { Instant } from '../time/instant';
import type { Placement, WallTimeAdjustment, WallTimePolicies, Zones } from '../time/zones';
import type { WallTime } from '../time/wall-time';

/** When a once schedule fires (semantics.md "Whose time"). */
export type OnceTime =
  /** Everybody at this wall time in their own zone. */
  | ({ readonly mode: 'user-local'; readonly nominal: WallTime } & WallTimePolicies)
  /** Everybody at the one instant that this wall time is in `timeZone`. */
  | ({ readonly mode: 'fixed'; readonly nominal: WallTime; readonly timeZone: string } & WallTimePolicies)
  /** Everybody at this instant. */
  | { readonly mode: 'instant'; readonly at: Instant };

/** Zones whose people are due at one instant for one reason. */
interface DueZones {
  readonly at: Instant;
  readonly adjusted: WallTimeAdjustment | null;
  readonly zones: readonly string[];
}

/** Zones that never show the wall time and whose people are recorded `skipped` at the instant of the jump. */
interface SkippedZones {
  readonly at: Instant;
  readonly reason: 'gap';
  readonly zones: readonly string[];
}

export interface OncePlan {
  /** Ascending by instant; two entries share one when an adjusted zone meets one that is not. */
  readonly due: readonly DueZones[];
  readonly skipped: readonly SkippedZones[];
}

/** Where the time falls in one zone; throws `UnknownZoneError`. */
export function placeOnce(zones: Zones, time: OnceTime, zone: string): Placement {
  switch (time.mode) {
    case 'user-local':
      return zones.instantOf(zone, time.nominal, time);
    case 'fixed':
      return zones.instantOf(time.timeZone, time.nominal, time);
    case 'instant':
      return { kind: 'instant', at: time.at, adjusted: null };
  }
}

/** Groups the zones of an audience by their instant; each zone appears once, throws `UnknownZoneError`. */
export function planOnce(zones: Zones, time: OnceTime, audienceZones: Iterable<string>): OncePlan {
  const due = new Map<string, { at: Instant; adjusted: WallTimeAdjustment | null; zones: string[] }>();
  const skipped = new Map<Instant, { at: Instant; reason: 'gap'; zones: string[] }>();
  for (const zone of [...new Set(audienceZones)].toSorted()) {
    const placement = placeOnce(zones, time, zone);
    switch (placement.kind) {
      case 'instant': {
        const { at, adjusted } = placement;
        const key = `${at} ${adjusted}`;
        const group = due.get(key);
        if (group) group.zones.push(zone);
        else due.set(key, { at, adjusted, zones: [zone] });
        break;
      }
      case 'skipped': {
        const { at, reason } = placement;
        const group = skipped.get(at);
        if (group) group.zones.push(zone);
        else skipped.set(at, { at, reason, zones: [zone] });
        break;
      }
    }
  }
  return {
    due: [...due.values()].toSorted(
      (a, b) => a.at - b.at || Number(a.adjusted !== null) - Number(b.adjusted !== null),
    ),
    skipped: [...skipped.values()].toSorted((a, b) => a.at - b.at),
  };
}
