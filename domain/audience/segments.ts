import { AUDIENCE_LIMITS } from './condition';
import type { AudienceCondition, ResolvedAudience } from './condition';
import { leavesOf, mapLeaves } from './leaves';

/** What segments stand for, by id. */
export type Segments = ReadonlyMap<string, AudienceCondition>;

/** Ids of the segments that a condition asks for itself, each once. */
export function segmentsIn(condition: AudienceCondition): string[] {
  const ids = leavesOf(condition).flatMap((leaf) => (leaf.kind === 'segment' ? [leaf.id] : []));
  return [...new Set(ids)];
}

/** Writes segments out. One that is not known, or that stands within itself, holds nobody: when in doubt, nothing is sent. */
export function expandSegments(
  condition: AudienceCondition,
  segments: Segments,
  within: readonly string[] = [],
): ResolvedAudience {
  return mapLeaves(condition, (leaf): ResolvedAudience => {
    if (leaf.kind !== 'segment') return leaf;
    const meant = within.includes(leaf.id) ? undefined : segments.get(leaf.id);
    return meant ? expandSegments(meant, segments, [...within, leaf.id]) : NOBODY;
  });
}

const NOBODY: ResolvedAudience = { kind: 'not', of: { kind: 'everyone' } };

/** How much a condition asks once its segments are written out. */
interface Extent {
  readonly conditions: number;
  readonly recipients: number;
  /** How many segments stand within each other. */
  readonly depth: number;
}

/** What keeps a condition from being asked; null when nothing does. */
export type Excess = 'cycle' | 'too-deep' | 'too-large';

/** @param self id of the segment that the condition is of, when it is one: it must not come back to itself. */
export function excessOf(
  condition: AudienceCondition,
  segments: Segments,
  self: string | null,
): Excess | null {
  const extent = extentOf(condition, segments, self === null ? [] : [self], new Map());
  if (extent === 'cycle') return 'cycle';
  if (extent.depth > AUDIENCE_LIMITS.segmentDepth) return 'too-deep';
  const fits =
    extent.conditions <= AUDIENCE_LIMITS.expandedConditions &&
    extent.recipients <= AUDIENCE_LIMITS.expandedRecipients;
  return fits ? null : 'too-large';
}

/** Each segment is measured once, however often it is asked for: written out it could take for ever. */
function extentOf(
  condition: AudienceCondition,
  segments: Segments,
  within: readonly string[],
  measured: Map<string, Extent>,
): Extent | 'cycle' {
  let [conditions, recipients, depth] = [0, 0, 0];
  for (const leaf of leavesOf(condition)) {
    if (leaf.kind !== 'segment') {
      conditions += 1;
      recipients += leaf.kind === 'people' ? leaf.rids.length + leaf.ids.length : 0;
      continue;
    }
    if (within.includes(leaf.id)) return 'cycle';
    const meant = segments.get(leaf.id);
    const extent =
      measured.get(leaf.id) ?? (meant && extentOf(meant, segments, [...within, leaf.id], measured));
    if (extent === 'cycle') return 'cycle';
    if (extent) measured.set(leaf.id, extent);
    conditions += extent?.conditions ?? 1;
    recipients += extent?.recipients ?? 0;
    depth = Math.max(depth, 1 + (extent?.depth ?? 0));
  }
  return { conditions, recipients, depth };
}
