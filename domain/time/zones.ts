import { SECOND } from './instant';
import type { Instant } from './instant';
import { instantsOnTimeline, place } from './placement';
import type { Placement, WallTimePolicies } from './placement';
import { changesBetween, offsetAt, timelineOf } from './timeline';
import type { Timeline } from './timeline';
import { wallTimeFromSeconds } from './wall-time';
import type { WallTime } from './wall-time';
import type { ZoneData } from './zone-data';
import { createSuggestion } from './zone-suggestion';

export type { GapPolicy, OverlapPolicy, Placement, WallTimeAdjustment, WallTimePolicies } from './placement';

/** A change of a zone's offset from UTC; offsets are seconds east of Greenwich. */
interface Transition {
  readonly at: Instant;
  readonly offsetBefore: number;
  readonly offsetAfter: number;
}

/** A name that the zone data do not have. */
export class UnknownZoneError extends Error {
  override readonly name = 'UnknownZoneError';
  constructor(
    readonly zone: string,
    /** At most three accepted names that may have been meant, the likeliest first. */
    readonly suggestions: readonly string[],
  ) {
    super(
      `unknown time zone "${zone.slice(0, 80)}"` +
        (suggestions.length > 0 ? `; did you mean ${suggestions.join(' or ')}?` : ''),
    );
  }
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
  /** The one instant that `wall` stands for in the zone, by the policies when there are none or two. */
  instantOf(zone: string, wall: WallTime, policies: WallTimePolicies): Placement;
  /** Changes of offset with `from` <= `at` < `to`, ascending. */
  transitions(zone: string, from: Instant, to: Instant): readonly Transition[];
  /** Zones of a country by its ISO 3166 code (upper case), in the order of the tz database; empty when the code is unknown. */
  zonesOfCountry(code: string): readonly string[];
}

const seconds = (at: Instant): number => Math.floor(at / SECOND);

/** The last whole second before the instant. */
const secondBefore = (at: Instant): number => Math.ceil(at / SECOND) - 1;

/** Makes the rules of checked data askable; a zone is prepared when it is first asked for. */
export function createZones(data: ZoneData): Zones {
  const rules = new Map(Object.entries(data.zones));
  const links = new Map(Object.entries(data.links));
  const countries = new Map(Object.entries(data.countries));
  const names = Object.freeze([...rules.keys(), ...links.keys()].toSorted());
  const timelines = new Map<string, Timeline>();

  const has = (name: string): boolean => rules.has(name) || links.has(name);
  const suggest = createSuggestion(data, names);

  const resolveName = (name: string): string => {
    if (!has(name)) throw new UnknownZoneError(name, suggest(name));
    return links.get(name) ?? name;
  };

  const timeline = (name: string): Timeline => {
    const known = timelines.get(name);
    if (known !== undefined) return known;
    const target = resolveName(name);
    const zone = rules.get(target);
    if (zone === undefined) throw new UnknownZoneError(name, []);
    const made = timelines.get(target) ?? timelineOf(zone);
    timelines.set(target, made);
    timelines.set(name, made);
    return made;
  };

  return {
    version: data.version,
    names: () => names,
    has,
    suggest,
    resolveName,
    offsetAt: (zone, at) => offsetAt(timeline(zone), seconds(at)),
    wallTimeAt: (zone, at) => wallTimeFromSeconds(seconds(at) + offsetAt(timeline(zone), seconds(at))),
    instantsOf: (zone, wall) => instantsOnTimeline(timeline(zone), wall),
    instantOf: (zone, wall, policies) => place(timeline(zone), wall, policies),
    transitions: (zone, from, to) => {
      if (!Number.isFinite(from) || !Number.isFinite(to))
        throw new RangeError('transitions need finite bounds');
      return changesBetween(timeline(zone), secondBefore(from), secondBefore(to)).map((change) => ({
        at: change.at * SECOND,
        offsetBefore: change.before,
        offsetAfter: change.after,
      }));
    },
    zonesOfCountry: (code) => countries.get(code) ?? [],
  };
}
