import {
  ChildWorkflowFailure,
  TerminatedFailure,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import { ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { PageRange } from '../activities/contract';
import { WORKFLOW, sliceWorkflowId } from './contract';
import type { OccurrenceInput } from './contract';
import type { Due } from './pages';
import { occurrenceAttributes } from './search-attributes';
import type { slice } from './slice';

/** Pages that one history holds: some 1,200 events, where a server suggests a new run at 4,096. */
export const PAGES_A_SLICE = 200;

/** Each takes a few pages at a time. */
const SLICES_AT_ONCE = 2;

/**
 * Hands the pages of an instant to slices, a few at a time, and returns how many people got an outcome. Starts no
 * further one once the run should continue as new or `planAgain` says so.
 */
export async function takeSlices(
  input: OccurrenceInput,
  { at, label, link }: Due,
  ranges: readonly PageRange[],
  planAgain: (emptyHanded: boolean) => boolean,
): Promise<number> {
  const count = Math.ceil(ranges.length / PAGES_A_SLICE);
  const remaining = Array.from({ length: count }, (_, n) => n).values();
  let settled = 0;
  let emptyHanded = false;

  const take = async (): Promise<void> => {
    for (const n of remaining) {
      if (workflowInfo().continueAsNewSuggested || planAgain(emptyHanded)) return;
      const people = await settleSlice(input, n, {
        at,
        ...(link !== undefined && { link }),
        label: `${label}, slice ${n + 1} of ${count}`,
        ranges: ranges.slice(n * PAGES_A_SLICE, (n + 1) * PAGES_A_SLICE),
      });
      if (people === 0) emptyHanded = true;
      settled += people;
    }
  };
  await Promise.all(Array.from({ length: SLICES_AT_ONCE }, take));
  return settled;
}

/**
 * It outlives its occurrence, should somebody terminate that by hand: the ledger decides who is left. For the same
 * reason one that already runs, or that was terminated itself, only means that the next plan counts.
 */
async function settleSlice(
  input: OccurrenceInput,
  n: number,
  part: Due & { ranges: PageRange[] },
): Promise<number> {
  try {
    const child = await startChild<typeof slice>(WORKFLOW.slice, {
      args: [{ ...input, ...part }],
      workflowId: sliceWorkflowId(input.scheduleId, input.nominal, n),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: occurrenceAttributes(input.tenantId, input.scheduleId),
      staticSummary: `${part.label} of occurrence ${input.nominal}`,
    });
    return await child.result();
  } catch (error) {
    const terminated = error instanceof ChildWorkflowFailure && error.cause instanceof TerminatedFailure;
    if (terminated || error instanceof WorkflowExecutionAlreadyStartedError) return 0;
    throw error;
  }
}
