import type { Priority } from '../domain/delivery/priority';

/** Names, ids, signals and inputs of the workflows: all that the API has to know of them. Free of Node types. */

/** Task queue of schedules and their occurrences. */
export const TASK_QUEUE = 'sundial';

/**
 * Where the activities of what is urgent run, for workflows of a task queue: with slots of their own, because nothing
 * that is pressing takes a slot from what has one already. Workflows themselves stay: they hold no slot while they wait.
 */
export function urgentQueueOf(taskQueue: string): string {
  return `${taskQueue}-urgent`;
}

export const WORKFLOW = {
  schedule: 'schedule',
  occurrence: 'occurrence',
  slice: 'slice',
  import: 'import',
  steward: 'steward',
} as const;

/** "Look": something about you changed in Postgres. Carries the version as a hint; the row decides. */
export const LOOK_SIGNAL = 'look';

/** From an occurrence to its schedule: the row of this occurrence is closed. Carries the nominal. */
export const OCCURRENCE_CLOSED_SIGNAL = 'occurrenceClosed';

/** What the stewards see to, one workflow each: docs/steward.md. */
export const DUTIES = ['commands', 'revive', 'partitions', 'counters', 'rebuild'] as const;

export type Duty = (typeof DUTIES)[number];

/** To a steward: take up your duty now, from the beginning. Carries nothing, so that any client can send it. */
export const STEWARD_NOW_SIGNAL = 'now';

/** Search attributes, registered before any worker starts. None holds personal data. */
export const SEARCH_ATTRIBUTE = {
  tenant: 'SundialTenant',
  schedule: 'SundialSchedule',
  state: 'SundialState',
  nextFire: 'SundialNextFire',
} as const;

export interface ScheduleInput {
  tenantId: number;
  scheduleId: string;
}

export interface OccurrenceInput extends ScheduleInput {
  occurrenceId: string;
  nominal: string;
  /** As it stood when somebody began or last planned it. Those begun before priorities have none. */
  priority?: Priority;
}

/** What a schedule hands to its next run when it continues as new. */
export interface ScheduleRunInput extends ScheduleInput {
  /** The occurrence that was under way. */
  running?: OccurrenceInput;
}

export interface StewardInput {
  duty: Duty;
  /** Where the duty goes on; without one it begins, as it does for a Temporal that remembers nothing. */
  cursor?: string;
}

/** What a schedule returns when nothing is left to do. */
export interface ScheduleEnd {
  status: string;
}

export interface JobInput {
  tenantId: number;
  jobId: string;
}

/** Long jobs that a workflow carries out, by the names of their workflows. */
export type JobWorkflow = typeof WORKFLOW.import;

export function jobWorkflowId(kind: JobWorkflow, jobId: string): string {
  return `${kind}/${jobId}`;
}

export function scheduleWorkflowId(scheduleId: string): string {
  return `schedule/${scheduleId}`;
}

export function stewardWorkflowId(duty: Duty): string {
  return `steward/${duty}`;
}

export function sliceWorkflowId(scheduleId: string, nominal: string, n: number): string {
  return `${occurrenceWorkflowId(scheduleId, nominal)}/slice/${n}`;
}

export function occurrenceWorkflowId(scheduleId: string, nominal: string): string {
  return `schedule/${scheduleId}/at/${nominal}`;
}
