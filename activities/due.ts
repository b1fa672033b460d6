import type { Adjusted } from '../domain/delivery/state';
import { placeOnce } from '../domain/once/plan';
import type { OnceTime } from '../domain/once/plan';
import type { Instant } from '../domain/time/instant';
import type { Zones } from '../domain/time/zones';

/** When a zone's people are due, or that they never are and under which instant that is recorded. */
export type Due =
  | { readonly kind: 'due'; readonly zone: string; readonly at: Instant; readonly adjusted: Adjusted | null }
  | { readonly kind: 'skipped'; readonly zone: string; readonly at: Instant };

export interface Timetable {
  dueIn(zone: string): Due;
  /** Zones whose people are due after `at`. */
  zonesAfter(at: Instant): string[];
  /** Every zone with its instant. */
  all(): { zone: string; at: Instant }[];
}

/**
 * Places one occurrence in every zone. A zone that the data do not know, after a change of the data file, follows
 * the tenant's: its people get a row that says so instead of none.
 */
export function createTimetable(
  zones: Zones,
  time: OnceTime,
  tenantZone: string,
  onUnknownZone: (zone: string) => void,
): Timetable {
  const known = new Map<string, Due>();

  function place(name: string): Due {
    const zone = zones.has(name) ? name : tenantZone;
    if (zone !== name) onUnknownZone(name);
    const placement = placeOnce(zones, time, zone);
    switch (placement.kind) {
      case 'instant':
        return { kind: 'due', zone, at: placement.at, adjusted: placement.adjusted };
      case 'skipped':
        return { kind: 'skipped', zone, at: placement.at };
    }
  }

  function dueIn(zone: string): Due {
    const due = known.get(zone) ?? place(zone);
    known.set(zone, due);
    return due;
  }

  return {
    dueIn,
    zonesAfter: (at) => zones.names().filter((zone) => dueIn(zone).at > at),
    all: () => zones.names().map((zone) => ({ zone, at: dueIn(zone).at })),
  };
}
