import type { Instant } from './instant';
import type { WallTime } from './wall-time';

/** What to do with a wall time that a zone's clocks jump over (semantics.md "A wall time that does not exist..."). */
export type GapPolicy = 'forward' | 'backward' | 'at-transition' | 'skip';

/** Which of the two instants to take when a zone's clocks show a wall time twice. */
export type OverlapPolicy = 'first' | 'second';

export interface WallTimePolicies {
  readonly gap: GapPolicy;
  readonly overlap: OverlapPolicy;
}

/** Why an instant is not simply the wall time of its zone; `overlap` also when the first pass was taken. */
export type WallTimeAdjustment = 'gap' | 'overlap';

export type Placement =
  | { readonly kind: 'instant'; readonly at: Instant; readonly adjusted: WallTimeAdjustment | null }
  /** `at` is the transition that swallowed the wall time: the instant under which the skip is recorded. */
  | { readonly kind: 'skipped'; readonly reason: 'gap'; readonly at: Instant };

/** A change of a zone's offset from UTC; offsets are seconds east of Greenwich. */
export interface Transition {
  readonly at: Instant;
  readonly offsetBefore: number;
  readonly offsetAfter: number;
}

/**
 * The zone rules of one data file. Names are exact and case-sensitive, links included and kept as given;
 * every method that takes a zone throws `UnknownZoneError` for a name that the file does not have.
 */
export interface Zones {
  /** Version of the zone data, such as `2026f`. */
  readonly version: string;
  /** Every accepted name, sorted. */
  names(): readonly string[];
  has(name: string): boolean;
  /** At most three accepted names that somebody who typed `name` may have meant, the likeliest first. */
  suggest(name: string): readonly string[];
  /** The zone behind a link (`Asia/Calcutta` gives `Asia/Kolkata`); any other name gives itself. */
  resolveName(name: string): string;
  /** Seconds east of Greenwich. */
  offsetAt(zone: string, at: Instant): number;
  /** What the zone's clocks show; milliseconds are dropped. */
  wallTimeAt(zone: string, at: Instant): WallTime;
  /** Every instant at which the zone's clocks show `wall`, ascending: none in a gap, two in an overlap. */
  instantsOf(zone: string, wall: WallTime): readonly Instant[];
  instantOf(zone: string, wall: WallTime, policies: WallTimePolicies): Placement;
  /** Changes of offset with `from` <= `at` < `to`, ascending. */
  transitions(zone: string, from: Instant, to: Instant): readonly Transition[];
  /** Zones of a country by its ISO 3166 code (upper case), in the order of the tz database; empty when the code is unknown. */
  zonesOfCountry(code: string): readonly string[];
}
