import type { PageRange } from '../activities/contract';
import type { Instant } from '../domain/time/instant';
import type { OccurrenceInput } from './contract';
import { showDetails } from './details';
import { takePages } from './pages';
import { grouped, peopleText } from './wording';

export interface SliceInput extends OccurrenceInput {
  at: Instant | null;
  /** Who they are, for summaries. */
  label: string;
  ranges: PageRange[];
  /** Where Sundial shows them. */
  link?: string;
}

/**
 * Some of the pages of one instant, so that no history has to hold all of them. It knows nothing of looks: its pages
 * read pause, version and cancellation themselves, and one that could settle nobody ends the slice. Returns how many
 * people got an outcome; whoever got none is in the next plan of the occurrence.
 */
export async function slice({ at, label, link, ranges, nominal: _, ...ref }: SliceInput): Promise<number> {
  const people = ranges.reduce((sum, range) => sum + range.people, 0);
  showDetails(`Is settling ${grouped(ranges.length)} pages of ${label}: ${peopleText(people)}.`, link);
  return takePages(ref, { at, label }, ranges, (emptyHanded) => emptyHanded);
}
