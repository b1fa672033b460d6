import { continueAsNew, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { JobState } from '../activities/contract';
import type { JobInput } from './contract';
import { jobSteps } from './steps';

/**
 * A long job, whatever its kind: its row in Postgres says what is wanted and how far it is, and the workflow only sees
 * to it that somebody carries it on until it is over. Some six events for every 20 s of work.
 */
export async function job(input: JobInput): Promise<JobState> {
  let state: JobState | undefined;
  for (;;) {
    if (workflowInfo().continueAsNewSuggested) return await continueAsNew<typeof job>(input);
    const summary = state === undefined ? 'begins' : shown(state);
    state = await jobSteps.advanceJob.executeWithOptions({ summary }, [input]);
    setCurrentDetails(`${state.status}: ${shown(state)}`);
    if (state.kind === 'over') return state;
  }
}

function shown({ done, total, failed }: JobState): string {
  return `${done} of ${total} done, ${failed} of them failed`;
}
