import { patched } from '@temporalio/workflow';
import type { Looks } from './looks';
import type { OccurrenceInput } from './contract';
import { takePages } from './pages';
import type { Due } from './pages';
import { routeOf } from './route';
import { PAGES_A_SLICE, takeSlices } from './slices';
import { planningSteps } from './steps';

/**
 * Cuts the people who are due into pages, takes the pages, and returns how many people got an outcome. Stops between
 * two pages when a look has come, or when one could settle nobody: a pause whose look is still on its way.
 */
export async function settleWave(input: OccurrenceInput, due: Due, looks: Looks): Promise<number> {
  const { nominal: _, ...ref } = input;
  const summary = `cut into pages: ${due.label}`;
  const ranges = await planningSteps.cutPages.executeWithOptions({ summary, ...routeOf(input) }, [
    { ...ref, at: due.at },
  ]);
  // Asked only when it matters: runs of before that had a look between two pages went on with all of them.
  const planAgain = (emptyHanded: boolean): boolean =>
    (looks.pending() || emptyHanded) && patched('plan-again-between-pages');
  // Likewise: they took any number of pages themselves, over as many runs as it needed.
  const inSlices = ranges.length > PAGES_A_SLICE && patched('slices');
  return inSlices ? takeSlices(input, due, ranges, planAgain) : takePages(ref, due, ranges, planAgain);
}
