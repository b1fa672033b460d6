import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ParentClosePolicy,
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { ScheduleOrder } from '../activities/contract';
import type { Instant } from '../domain/time/instant';
import { LOOK_SIGNAL, OCCURRENCE_CLOSED_SIGNAL, WORKFLOW, occurrenceWorkflowId } from './contract';
import type { OccurrenceInput, ScheduleEnd, ScheduleInput, ScheduleRunInput } from './contract';
import { showDetails } from './details';
import { listenForLooks } from './looks';
import type { occurrence } from './occurrence';
import { occurrenceAttributes, showState } from './search-attributes';
import { scheduleSteps } from './steps';
import { shortInstant, timerUntil, workflowNow } from './time';

const occurrenceClosedSignal = defineSignal<[nominal: string]>(OCCURRENCE_CLOSED_SIGNAL);

/**
 * One schedule for its whole life. Level-triggered: every turn reads what Postgres wants, does the next thing and
 * waits for news, so that a lost, late or repeated look does no harm and a look at a schedule that is over ends at
 * once. History grows with looks and occurrences (some ten events each), never with people. When the server
 * suggests it, the run continues as new with its open occurrence; the new run begins by reading and passing on.
 */
export async function schedule(input: ScheduleRunInput): Promise<ScheduleEnd> {
  const ref: ScheduleInput = { tenantId: input.tenantId, scheduleId: input.scheduleId };
  let running = input.running;
  const closed = new Set<string>();
  const looks = listenForLooks();
  setHandler(occurrenceClosedSignal, (nominal) => {
    closed.add(nominal);
  });
  const hasClosed = (): boolean => running !== undefined && closed.has(running.nominal);

  for (;;) {
    if (hasClosed()) {
      running = undefined;
      await scheduleSteps.completeSchedule(ref);
    }
    if (workflowInfo().continueAsNewSuggested) {
      return await continueAsNew<typeof schedule>(running === undefined ? ref : { ...ref, running });
    }

    looks.answer();
    const order = await scheduleSteps.readSchedule(ref);
    // Begun by a run that is gone: one that was terminated, or that Temporal has lost.
    if (running === undefined && order.open !== undefined) {
      running = { ...ref, ...order.open };
      // It closed before in this run, and a person's decision has opened it again: that closing is over.
      if (hasClosed() && patched('open-again')) closed.delete(running.nominal);
    }
    if (running !== undefined) {
      await passLook(running);
    } else if (order.kind === 'end') {
      showState(order.status, null);
      showDetails(`Is ${order.status}: nothing is left to do.`, order.link);
      return { status: order.status };
    } else if (order.kind === 'fire' && wakeAtOf(order) <= workflowNow()) {
      running = await openOccurrence(ref, order);
      if (running === undefined) continue;
    }

    showWait(order, running);
    if (running === undefined && order.kind === 'fire') {
      const summary = `occurrence ${order.nominal} opens ${shortInstant(order.opensAt)}`;
      await condition(() => looks.pending(), timerUntil(wakeAtOf(order)), { summary });
    } else {
      await condition(() => looks.pending() || hasClosed());
    }
  }
}

type FireOrder = Extract<ScheduleOrder, { kind: 'fire' }>;

function wakeAtOf({ wakeAt, opensAt }: FireOrder): Instant {
  return wakeAt ?? opensAt;
}

/** Undefined when a command came between reading the order and opening: it has to be read again. */
async function openOccurrence(ref: ScheduleInput, order: FireOrder): Promise<OccurrenceInput | undefined> {
  const { version, nominal, priority } = order;
  const summary = `open occurrence ${nominal}`;
  const row = await scheduleSteps.openOccurrence.executeWithOptions({ summary }, [
    { ...ref, version, nominal },
  ]);
  if (row === null) return undefined;
  const opened = {
    ...ref,
    occurrenceId: row.occurrenceId,
    nominal,
    ...(priority !== undefined && { priority }),
  };
  await startOccurrence(opened);
  return opened;
}

/** It outlives this run (and this workflow): the occurrence's row decides what is left, not who started it. */
async function startOccurrence(opened: OccurrenceInput): Promise<void> {
  try {
    await startChild<typeof occurrence>(WORKFLOW.occurrence, {
      args: [opened],
      workflowId: occurrenceWorkflowId(opened.scheduleId, opened.nominal),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: occurrenceAttributes(opened.tenantId, opened.scheduleId),
      staticSummary: `occurrence ${opened.nominal} of schedule ${opened.scheduleId}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    // It may be about to end, and its row open again.
    if (patched('look-at-the-one-that-runs')) await passLook(opened);
  }
}

/** A look at a schedule is a look at its occurrence; one that was lost (terminated by hand) is started again. */
async function passLook(opened: OccurrenceInput): Promise<void> {
  try {
    const id = occurrenceWorkflowId(opened.scheduleId, opened.nominal);
    await getExternalWorkflowHandle(id).signal(LOOK_SIGNAL);
  } catch (error) {
    if (isCancellation(error)) throw error;
    await startOccurrence(opened);
  }
}

function showWait(order: ScheduleOrder, running: OccurrenceInput | undefined): void {
  if (running !== undefined) {
    showState(order.kind === 'end' ? order.status : 'running', null);
    const child = occurrenceWorkflowId(running.scheduleId, running.nominal);
    showDetails(`Occurrence ${running.nominal} is under way: see workflow \`${child}\`.`, order.link);
  } else if (order.kind === 'fire') {
    showState('scheduled', order.opensAt);
    const opens = shortInstant(order.opensAt);
    showDetails(
      `Sleeps until ${opens}, when occurrence ${order.nominal} opens (version ${order.version}).`,
      order.link,
    );
  } else {
    showState(order.status, null);
    showDetails(
      `Is ${order.status} (version ${'version' in order ? order.version : '-'}): waits for a command.`,
      order.link,
    );
  }
}
