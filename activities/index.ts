import type { Channel } from '../channels/channel';
import { closeOccurrence } from './close';
import type { Activities, JobActivities } from './contract';
import type { ActivityDeps } from './deps';
import { advanceJob } from './job';
import { temporalJobRun } from './job-run';
import { createSharedLane } from './lane';
import type { SharedLane } from './lane';
import { deliverPage } from './page';
import { temporalPageRun } from './page-run';
import { cutPages, planOccurrence } from './plan';
import { completeSchedule, openOccurrence, readSchedule } from './schedule';

export type { ActivityDeps } from './deps';

/** The activities of one worker process. */
export function createActivities(deps: ActivityDeps): Activities & JobActivities {
  const lanes = new Map<Channel, SharedLane>();
  const laneOf = (provider: Channel): SharedLane => {
    const lane = lanes.get(provider) ?? createSharedLane(provider.concurrency);
    lanes.set(provider, lane);
    return lane;
  };
  const pageRun = deps.pageRun ?? temporalPageRun;
  const jobRun = deps.jobRun ?? temporalJobRun;

  return {
    readSchedule: (ref) => readSchedule(deps, ref),
    openOccurrence: (input) => openOccurrence(deps, input),
    completeSchedule: (ref) => completeSchedule(deps, ref),
    planOccurrence: (ref) => planOccurrence(deps, ref),
    cutPages: (input) => cutPages(deps, input),
    deliverPage: (input) => deliverPage({ ...deps, laneOf }, pageRun(), input),
    closeOccurrence: (ref) => closeOccurrence(deps, ref),
    advanceJob: (ref) => advanceJob(deps, jobRun(), ref),
  };
}
