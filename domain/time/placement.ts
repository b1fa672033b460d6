import { changesBetween, offsetAt } from './timeline';
import type { Timeline } from './timeline';
import { SECOND } from './instant';
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

// No offset is larger (RFC 9636 section 3.2), so a wall time's instants lie within this of its seconds.
const WIDEST_OFFSET = 26 * 3_600;

/** Every instant at which the clocks show `wall`, ascending. */
export function instantsOnTimeline(timeline: Timeline, wall: WallTime): readonly Instant[] {
  const from = wall - WIDEST_OFFSET;
  const changes = changesBetween(timeline, from, wall + WIDEST_OFFSET);
  const instants: Instant[] = [];
  let start = -Infinity;
  let offset = offsetAt(timeline, from);
  for (const change of changes) {
    const at = wall - offset;
    if (at >= start && at < change.at) instants.push(at * SECOND);
    start = change.at;
    offset = change.after;
  }
  if (wall - offset >= start) instants.push((wall - offset) * SECOND);
  return instants;
}

/** The instant that `wall` stands for, by the policies when the clocks show it never or twice. */
export function place(timeline: Timeline, wall: WallTime, { gap, overlap }: WallTimePolicies): Placement {
  const instants = instantsOnTimeline(timeline, wall);
  const first = instants[0];
  if (first === undefined) return placeInGap(timeline, wall, gap);
  const last = instants.at(-1) ?? first;
  switch (overlap) {
    case 'first':
      return { kind: 'instant', at: first, adjusted: first === last ? null : 'overlap' };
    case 'second':
      return { kind: 'instant', at: last, adjusted: first === last ? null : 'overlap' };
  }
}

function placeInGap(timeline: Timeline, wall: WallTime, policy: GapPolicy): Placement {
  const jump = changesBetween(timeline, wall - WIDEST_OFFSET, wall + WIDEST_OFFSET).find(
    ({ at, before, after }) => at + before <= wall && wall < at + after,
  );
  if (jump === undefined) throw new Error(`no clock change explains why wall time ${wall} is missing`);
  switch (policy) {
    case 'forward':
      return { kind: 'instant', at: (wall - jump.before) * SECOND, adjusted: 'gap' };
    case 'backward':
      return { kind: 'instant', at: (wall - jump.after) * SECOND, adjusted: 'gap' };
    case 'at-transition':
      return { kind: 'instant', at: jump.at * SECOND, adjusted: 'gap' };
    case 'skip':
      return { kind: 'skipped', reason: 'gap', at: jump.at * SECOND };
  }
}
