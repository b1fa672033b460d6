import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type {
  JobActivities,
  MessageActivities,
  OccurrenceActivities,
  ScheduleActivities,
  StewardActivities,
} from '../activities/contract';

/**
 * How the workflows run their activities. Nothing here gives up on an infrastructure fault: Postgres, Redis or a
 * provider may be away for days, and what is due then waits for them. What can never succeed is thrown by the
 * activity as non-retryable. Reasons: docs/decisions/0006-workflow-shape.md.
 */
const untilItWorks = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

/**
 * A schedule asks for a row or two at a time. A local activity makes that one event instead of six, without a
 * workflow task of its own: that is what limits how many schedules a server can start. After 5 s of retrying inside
 * the worker the wait becomes a timer, so that an outage does not hold workflow tasks open; five minutes between
 * tries keep a day of outage under 2,000 events.
 */
export const scheduleSteps = proxyLocalActivities<ScheduleActivities>({
  startToCloseTimeout: '10s',
  localRetryThreshold: '5s',
  retry: { ...untilItWorks, maximumInterval: '5m' },
});

/** Statements over a whole audience: they may take seconds, and a worker's death is noticed after a minute. */
export const planningSteps = proxyActivities<
  Pick<OccurrenceActivities, 'planOccurrence' | 'cutPages' | 'closeOccurrence'>
>({
  startToCloseTimeout: '1m',
  retry: untilItWorks,
});

/** A page heartbeats its cursor: a worker's death is noticed after 15 s, and the next try resumes there. */
export const pageSteps = proxyActivities<Pick<OccurrenceActivities, 'deliverPage'>>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '15s',
  retry: untilItWorks,
});

/** A queue of messages asks when its next one is due, after each look and each delivery: one event. */
export const queueSteps = proxyLocalActivities<Pick<MessageActivities, 'nextMessages'>>({
  startToCloseTimeout: '10s',
  localRetryThreshold: '5s',
  retry: untilItWorks,
});

/** It heartbeats as a page does. Nobody else sends what is due meanwhile: a worker's death is noticed earlier. */
export const messageSteps = proxyActivities<Pick<MessageActivities, 'deliverMessages'>>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '10s',
  retry: { ...untilItWorks, maximumInterval: '10s' },
});

/** A job is carried on for some 20 s at a time; the last of its steps that then begins may wait for locks. */
export const jobSteps = proxyActivities<JobActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '20s',
  retry: untilItWorks,
});

/**
 * Turns of the stewards. Local activities have slots of their own, so that a hundred pages that hold or send take none
 * of theirs: what brings a campaign back must not wait for one. Tried once, because the next turn is the retry.
 */
export const dutySteps = proxyLocalActivities<StewardActivities>({
  startToCloseTimeout: '1m',
  retry: { maximumAttempts: 1 },
});
