import { SECOND } from '../domain/time/instant';

/** A wave's pages start this much before its instant, spread so that a thousand schedules at nine do not start at once. */
const SHORTEST_LEAD = 3 * SECOND;
const LONGEST_LEAD = 8 * SECOND;

/** What opening and planning an occurrence may take before its first wave is to be armed. */
const TO_OPEN = 2 * SECOND;
const OPENINGS_WITHIN = 5 * SECOND;

/** How long before their instant the pages of an occurrence start, in milliseconds; the same at every planning. */
export function armingLead(occurrenceId: string): number {
  return SHORTEST_LEAD + (spread(occurrenceId) % (LONGEST_LEAD - SHORTEST_LEAD + 1));
}

/** How long before its first instant an occurrence is opened, in milliseconds: in time for the longest lead. */
export function openingLead(scheduleId: string): number {
  return LONGEST_LEAD + TO_OPEN + (spread(scheduleId) % (OPENINGS_WITHIN + 1));
}

/** FNV-1a, 32 bits: ids in sequence end far apart. */
function spread(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
