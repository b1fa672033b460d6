import { workflowInfo } from '@temporalio/workflow';
import type { OccurrenceRef, PageRange } from '../activities/contract';
import type { Priority } from '../domain/delivery/priority';
import type { Instant } from '../domain/time/instant';
import { routeOf } from './route';
import { pageSteps } from './steps';
import { grouped, peopleText } from './wording';

/** Enough to keep Postgres and a provider busy; more would only queue in the worker. */
const PAGES_AT_ONCE = 4;

/** Whom to settle; `at: null` is everybody, whenever they are due. `label` says who they are, for summaries. */
export interface Due {
  at: Instant | null;
  label: string;
  /** Where Sundial shows them. */
  link?: string;
}

/**
 * Takes the pages a few at a time and returns how many people got an outcome. Takes no further one once the run
 * should continue as new or `planAgain` says so, told whether a page could settle nobody: the people of the others
 * have no row yet, so that the next plan finds them.
 */
export async function takePages(
  { priority, ...ref }: OccurrenceRef & { priority?: Priority },
  { at, label }: Due,
  ranges: readonly PageRange[],
  planAgain: (emptyHanded: boolean) => boolean,
): Promise<number> {
  const route = routeOf({ tenantId: ref.tenantId, ...(priority !== undefined && { priority }) });
  const remaining = ranges.entries();
  let settled = 0;
  let emptyHanded = false;

  const take = async (): Promise<void> => {
    for (const [index, range] of remaining) {
      if (workflowInfo().continueAsNewSuggested || planAgain(emptyHanded)) return;
      const page = `page ${grouped(index + 1)} of ${grouped(ranges.length)}, ${label}`;
      const tally = await pageSteps.deliverPage.executeWithOptions(
        { summary: `${page}, ${peopleText(range.people)}`, ...route },
        [{ ...ref, at, range, label: page }],
      );
      const people = Object.values(tally).reduce<number>((sum, count = 0) => sum + count, 0);
      if (people === 0) emptyHanded = true;
      settled += people;
    }
  };
  await Promise.all(Array.from({ length: PAGES_AT_ONCE }, take));
  return settled;
}
