import {
  ActivityFailure,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { DEFAULT_PRIORITY, URGENT } from '../domain/delivery/priority';
import type { Tally } from '../activities/contract';
import type { MessageQueue } from '../domain/messages/queue';
import { HOUR, SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { urgentQueueOf } from './contract';
import type { MessagesInput } from './contract';
import { listenForLooks } from './looks';
import { messageSteps, queueSteps } from './steps';
import { shortInstant, timerUntil, workflowNow } from './time';
import { outcomesText } from './wording';

/** A delivery begins this much before its first instant, and holds until then: it leaves on time (design.md "Arm early"). */
const LEAD = SECOND;

/** How long a run lasts at least before it is continued as new, on whatever version of the code workers have by then. */
const RUN = HOUR;

/** After a delivery that brought nothing to an end. */
const PAUSE = 5 * SECOND;

/**
 * Sees to a queue of messages for as long as there is a Temporal: it remembers nothing, sleeps until the earliest
 * message or a look, and has what is due delivered. Ten events for a burst, however many messages it has.
 */
export async function messages({ queue }: MessagesInput): Promise<never> {
  const looks = listenForLooks();
  const renewAt = workflowNow() + RUN;
  let delivered = '';
  for (;;) {
    if (workflowInfo().continueAsNewSuggested || workflowNow() >= renewAt) {
      return await continueAsNew<typeof messages>({ queue });
    }

    looks.answer();
    const { at } = await queueSteps.nextMessages({ queue });
    if (at !== null && at - LEAD <= workflowNow()) {
      setCurrentDetails(`Is sending what is due since ${shortInstant(at)}.${delivered}`);
      const tally = await deliver(queue, at);
      delivered = tally === null ? ' Before: failed.' : ` Before: ${outcomesText(tally)}.`;
      // What cannot be taken now is not asked for again and again.
      if (tally === null) await looks.within(PAUSE, 'the delivery failed');
      else if (Object.keys(tally).length === 0) await looks.within(PAUSE, 'nothing could be delivered');
      continue;
    }

    const wait = at === null ? 'no message waits' : `next message ${shortInstant(at)}`;
    setCurrentDetails(`Sleeps: ${wait}.${delivered}`);
    const wakeAt = Math.min(at === null ? renewAt : at - LEAD, renewAt);
    await looks.within(timerUntil(wakeAt), wait);
  }
}

/** Null when it failed for good: who waits behind what it failed with is not left alone for that. */
async function deliver(queue: MessageQueue, at: Instant): Promise<Tally | null> {
  try {
    return await messageSteps.deliverMessages.executeWithOptions(
      { summary: `messages due from ${shortInstant(at)} on`, ...routeOf(queue) },
      [{ queue }],
    );
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error)) return null;
    throw error;
  }
}

/** Urgent messages have slots of their own, as urgent pages do. Many tenants share a delivery: none of them has turns. */
function routeOf(queue: MessageQueue) {
  switch (queue.kind) {
    case 'urgent':
      return { taskQueue: urgentQueueOf(workflowInfo().taskQueue), priority: { priorityKey: URGENT } };
    case 'shard':
      return { priority: { priorityKey: DEFAULT_PRIORITY } };
  }
}
