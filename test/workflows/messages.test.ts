import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { MessageActivities, MessageQueueRef, Tally } from '../../activities/contract';
import { URGENT_QUEUE } from '../../domain/messages/queue';
import type { MessageQueue } from '../../domain/messages/queue';
import { HOUR, SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { createTellMessages } from '../../commands/tell-messages';
import { messagesWorkflowId } from '../../workflows/contract';
import { eventually } from '../eventually';
import { recordHistories } from '../histories/record';
import { stack } from '../stack';
import { scriptedSchedule } from './scripted-schedule';
import { testWorker } from './workflow-bundle';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createFromExistingServer({ address: stack().temporal });
});

afterAll(() => env.teardown());

interface Queue {
  /** Instants of what waits; a delivery takes those that are due. */
  waiting: Instant[];
  takes: 'what is due' | 'nothing' | 'a failure';
  readonly deliveries: number[];
  look(): Promise<WorkflowHandle>;
}

/** Runs `test` with a worker whose queue of messages is in memory, on a task queue of its own. */
async function withQueue(queue: MessageQueue, test: (world: Queue) => Promise<void>): Promise<void> {
  const taskQueue = randomUUID();
  const deliveries: number[] = [];
  const world: Queue = {
    waiting: [],
    takes: 'what is due',
    deliveries,
    async look() {
      const tell = createTellMessages({ temporal: env.client, logger: { warn: () => undefined }, taskQueue });
      expect(await tell(queue)).toBe('told');
      return env.client.workflow.getHandle(messagesWorkflowId(queue, taskQueue));
    },
  };
  const activities: MessageActivities = {
    nextMessages: async ({ queue: asked }: MessageQueueRef) => {
      expect(asked).toEqual(queue);
      return { at: world.waiting.length === 0 ? null : Math.min(...world.waiting) };
    },
    deliverMessages: async (): Promise<Tally> => {
      if (world.takes === 'a failure') {
        deliveries.push(0);
        throw ApplicationFailure.nonRetryable('It cannot.');
      }
      const due = world.takes === 'nothing' ? [] : world.waiting.filter((at) => at <= Date.now() + SECOND);
      world.waiting = world.waiting.filter((at) => !due.includes(at));
      deliveries.push(due.length);
      return due.length === 0 ? {} : { sent: due.length };
    },
  };
  const worker = await testWorker({
    connection: env.nativeConnection,
    activities: { ...scriptedSchedule(() => Promise.resolve(0), 0).activities, ...activities },
    taskQueue,
    shutdownGraceMs: 100,
  });
  await worker.runUntil(async () => {
    try {
      await test(world);
    } finally {
      await env.client.workflow.getHandle(messagesWorkflowId(queue, taskQueue)).terminate('the test is over');
    }
  });
}

const shard: MessageQueue = { kind: 'shard', shard: 3 };

describe('the workflow of a queue of messages', () => {
  it('sleeps until the earliest message, is woken by an earlier one, and delivers what is due', async () => {
    await withQueue(shard, async (world) => {
      world.waiting = [Date.now() + HOUR];
      const handle = await world.look();
      await eventually('it sleeps', async () => (await timersOf(handle)).length === 1);
      expect((await timersOf(handle))[0]).toBeGreaterThan(3_590);

      world.waiting = [Date.now(), Date.now(), ...world.waiting];
      await world.look();
      await eventually('a delivery', async () => world.deliveries.length === 1);
      expect(world.deliveries).toEqual([2]);
      await eventually('it sleeps again', async () => (await timersOf(handle)).length === 2);

      world.waiting = [Date.now() + 2_500, ...world.waiting];
      await world.look();
      await eventually('a delivery on time', async () => world.deliveries.length === 2);
      await eventually('it sleeps', async () => (await timersOf(handle)).length === 4);
      await recordHistories('messages', [handle]);
    });
  });

  it('waits without a message, and a while when nothing could be delivered', async () => {
    await withQueue(shard, async (world) => {
      const handle = await world.look();
      await eventually('it waits for a message', async () => (await timersOf(handle)).length === 1);
      world.waiting = [Date.now()];
      world.takes = 'nothing';
      await world.look();
      await eventually('a pause', async () => (await timersOf(handle)).at(-1) === 5);
      expect(world.deliveries).toHaveLength(1);
      await recordHistories('messages-stuck', [handle]);
    });
  });

  it('lives on when a delivery fails for good, and tries again after a while or a look', async () => {
    await withQueue(shard, async (world) => {
      world.takes = 'a failure';
      world.waiting = [Date.now()];
      const handle = await world.look();
      await eventually('a pause', async () => (await timersOf(handle)).at(-1) === 5);
      world.takes = 'what is due';
      await world.look();
      await eventually('a delivery', async () => world.waiting.length === 0);
      expect(world.deliveries).toEqual([0, 1]);
    });
  });

  it('has the slots that are kept for what is urgent, when it is', async () => {
    await withQueue(URGENT_QUEUE, async (world) => {
      world.waiting = [Date.now()];
      const handle = await world.look();
      await eventually('the delivery is asked for', async () => (await routesOf(handle)).length === 1);
      const { workflowExecutionInfo } = (await handle.describe()).raw;
      expect(await routesOf(handle)).toEqual([`${workflowExecutionInfo?.taskQueue}-urgent`]);
    });
  });
});

/** Lengths of the timers that a run has set, in seconds. */
async function timersOf(handle: WorkflowHandle): Promise<number[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
    timer ? [Number(timer.startToFireTimeout?.seconds ?? 0)] : [],
  );
}

/** Task queues that a run has asked for deliveries on. */
async function routesOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: step }) =>
    step ? [step.taskQueue?.name ?? ''] : [],
  );
}
