import { patched, workflowInfo } from '@temporalio/workflow';
import type { OccurrenceRef } from '../activities/contract';
import type { Instant } from '../domain/time/instant';
import type { Looks } from './looks';
import { pageSteps, planningSteps } from './steps';

/** Enough to keep Postgres and a provider busy; more would only queue in the worker. */
const PAGES_AT_ONCE = 4;

/** Whom to settle; `at: null` is everybody, whenever they are due. `label` says who they are, for summaries. */
export interface Due {
  at: Instant | null;
  label: string;
}

/**
 * Cuts the people who are due into pages, takes the pages a few at a time, and returns how many people got an
 * outcome. Takes no further page once the run should continue as new, a look has come, or a page could settle
 * nobody (a pause whose look is still on its way): the people of the others have no row yet, so that the next plan
 * finds them.
 */
export async function settleInPages(ref: OccurrenceRef, due: Due, looks: Looks): Promise<number> {
  const { at, label } = due;
  const ranges = await planningSteps.cutPages.executeWithOptions({ summary: label }, [{ ...ref, at }]);
  const remaining = ranges.entries();
  let settled = 0;
  let emptyHanded = false;
  // Asked only when it matters: runs of before that had a look between two pages went on with all of them.
  const planAgain = (): boolean => (looks.pending() || emptyHanded) && patched('plan-again-between-pages');

  const takePages = async (): Promise<void> => {
    for (const [index, range] of remaining) {
      if (workflowInfo().continueAsNewSuggested || planAgain()) return;
      const summary = `page ${index + 1} of ${ranges.length}, ${label}, ${range.people} people`;
      const tally = await pageSteps.deliverPage.executeWithOptions({ summary }, [{ ...ref, at, range }]);
      const people = Object.values(tally).reduce<number>((sum, count = 0) => sum + count, 0);
      if (people === 0) emptyHanded = true;
      settled += people;
    }
  };
  await Promise.all(Array.from({ length: PAGES_AT_ONCE }, takePages));
  return settled;
}
