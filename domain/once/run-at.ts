import { parseInstant } from '../time/instant';
import type { Instant } from '../time/instant';
import { ok } from '../time/parsed';
import type { Parsed } from '../time/parsed';
import { parseWallTime } from '../time/wall-time';
import type { WallTime } from '../time/wall-time';

/** `runAt` of a once schedule: a wall time without an offset, an instant with `Z` or an offset (contract.md). */
export type RunAt =
  { readonly kind: 'wall'; readonly wall: WallTime } | { readonly kind: 'instant'; readonly at: Instant };

export function parseRunAt(text: string): Parsed<RunAt> {
  if (/(?:Z|[+-]\d{2}:\d{2})$/.test(text)) {
    const instant = parseInstant(text);
    return instant.kind === 'ok' ? ok({ kind: 'instant', at: instant.value }) : instant;
  }
  const wall = parseWallTime(text);
  return wall.kind === 'ok' ? ok({ kind: 'wall', wall: wall.value }) : wall;
}
