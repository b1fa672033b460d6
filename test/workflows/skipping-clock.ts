import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../activities/contract';
import type { Instant } from '../../domain/time/instant';

export interface SkippingClock {
  /** The environment's time: exact when an activity begins, and running on from there. */
  now(): Instant;
  /** Passes in no time: until the next activity begins, the clock shows what it would. */
  sleep(ms: number): Promise<void>;
  /** Activities that read the environment's time before they begin: it does not skip while one is running. */
  around(activities: Activities): Activities;
}

/** A clock for activities that follows the time-skipping server. */
export async function skippingClock(env: TestWorkflowEnvironment): Promise<SkippingClock> {
  let ahead = 0;
  const read = async (): Promise<void> => {
    ahead = (await env.currentTimeMs()) - Date.now();
  };
  await read();
  const after =
    <Input, Output>(step: (input: Input) => Promise<Output>) =>
    async (input: Input): Promise<Output> => {
      await read();
      return step(input);
    };
  return {
    now: () => Date.now() + ahead,
    sleep: (ms) => {
      ahead += ms;
      return Promise.resolve();
    },
    around: (activities) => ({
      readSchedule: after(activities.readSchedule),
      openOccurrence: after(activities.openOccurrence),
      completeSchedule: after(activities.completeSchedule),
      planOccurrence: after(activities.planOccurrence),
      cutPages: after(activities.cutPages),
      deliverPage: after(activities.deliverPage),
      closeOccurrence: after(activities.closeOccurrence),
    }),
  };
}
