import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../activities/contract';
import { HOUR } from '../../domain/time/instant';
import { LOOK_SIGNAL, WORKFLOW, occurrenceWorkflowId, scheduleWorkflowId } from '../../workflows/contract';
import type { OccurrenceInput } from '../../workflows/contract';
import { scriptedSchedule } from './scripted-schedule';
import type { ScriptedSchedule } from './scripted-schedule';
import { testWorker } from './workflow-bundle';

/** Looked up at every call, so that a test can replace some of them. */
export function activitiesOf(world: ScriptedSchedule): Activities {
  return {
    readSchedule: (ref) => world.activities.readSchedule(ref),
    openOccurrence: (ref) => world.activities.openOccurrence(ref),
    completeSchedule: (ref) => world.activities.completeSchedule(ref),
    planOccurrence: (ref) => world.activities.planOccurrence(ref),
    cutPages: (ref) => world.activities.cutPages(ref),
    deliverPage: (ref) => world.activities.deliverPage(ref),
    closeOccurrence: (ref) => world.activities.closeOccurrence(ref),
  };
}

/** A scripted schedule whose occurrence opens in an hour, and the ways to its workflows. */
interface ScriptedRun {
  world: ScriptedSchedule;
  input: OccurrenceInput;
  /** What the API does at every command. */
  command(): Promise<WorkflowHandle>;
  startOccurrence(): Promise<WorkflowHandle>;
  occurrence: WorkflowHandle;
}

/**
 * Runs `test` with a worker over one scripted schedule, on a task queue of its own.
 * @param withinMs after which it fails and says where its workflows stand; Jest's limit has to be longer.
 */
export async function withScriptedWorker(
  env: TestWorkflowEnvironment,
  test: (run: ScriptedRun) => Promise<void>,
  withinMs = WITHIN_MS,
): Promise<void> {
  const world = scriptedSchedule(() => env.currentTimeMs(), (await env.currentTimeMs()) + HOUR);
  const scheduleId = randomUUID();
  const taskQueue = scheduleId;
  const input = { tenantId: 1, scheduleId, occurrenceId: '1', nominal: world.nominal };
  const { workflow } = env.client;
  const worker = await testWorker({
    connection: env.nativeConnection,
    activities: activitiesOf(world),
    taskQueue,
    shutdownGraceMs: 100,
  });
  const schedule = workflow.getHandle(scheduleWorkflowId(scheduleId));
  const occurrence = workflow.getHandle(occurrenceWorkflowId(scheduleId, world.nominal));
  const whereTheyAre = async (): Promise<string> => {
    const states = await Promise.all([stateOf(schedule), stateOf(occurrence)]);
    return `schedule: ${states[0]}\noccurrence: ${states[1]}\nasked for: ${world.asked.join(', ')}`;
  };
  await worker.runUntil(() =>
    inTime(
      withinMs,
      whereTheyAre,
      test({
        world,
        input,
        command: () =>
          workflow.signalWithStart(WORKFLOW.schedule, {
            workflowId: scheduleWorkflowId(scheduleId),
            taskQueue,
            args: [{ tenantId: 1, scheduleId }],
            signal: LOOK_SIGNAL,
            signalArgs: [world.version],
          }),
        startOccurrence: () =>
          workflow.start(WORKFLOW.occurrence, {
            workflowId: occurrenceWorkflowId(scheduleId, world.nominal),
            taskQueue,
            args: [input],
          }),
        occurrence,
      }),
    ),
  );
}

/** Before Jest's own limit, which tells nothing and leaves the worker running. */
const WITHIN_MS = 50_000;

async function inTime(
  withinMs: number,
  whereTheyAre: () => Promise<string>,
  test: Promise<void>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      void whereTheyAre().then(
        (where) => reject(new Error(`not over within ${withinMs} ms\n${where}`)),
        reject,
      );
    }, withinMs);
  });
  await Promise.race([test, late]).finally(() => clearTimeout(timer));
}

/** Its status, and the last things that its history says. */
async function stateOf(handle: WorkflowHandle): Promise<string> {
  try {
    const { status } = await handle.describe();
    const { events } = await handle.fetchHistory();
    const last = (events ?? [])
      .slice(-8)
      .map(({ eventType }) => temporal.api.enums.v1.EventType[eventType ?? 0]);
    return `${status.name}, ${last.join(', ')}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown';
  }
}
