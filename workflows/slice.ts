import { setCurrentDetails } from '@temporalio/workflow';
import type { PageRange } from '../activities/contract';
import type { Instant } from '../domain/time/instant';
import type { OccurrenceInput } from './contract';
import { takePages } from './pages';

export interface SliceInput extends OccurrenceInput {
  at: Instant | null;
  /** Who they are, for summaries. */
  label: string;
  ranges: PageRange[];
}

/**
 * Some of the pages of one instant, so that no history has to hold all of them. It knows nothing of looks: its pages
 * read pause, version and cancellation themselves, and one that could settle nobody ends the slice. Returns how many
 * people got an outcome; whoever got none is in the next plan of the occurrence.
 */
export async function slice({ at, label, ranges, nominal: _, ...ref }: SliceInput): Promise<number> {
  setCurrentDetails(`Is settling ${ranges.length} pages of ${label}.`);
  return takePages(ref, { at, label }, ranges, (emptyHanded) => emptyHanded);
}
