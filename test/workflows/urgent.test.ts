import { Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { urgentOptions } from '../../worker/worker';
import { recordHistories } from '../histories/record';
import { freeClock, timeSkippingEnvironment } from '../time-skipping';
import { activitiesOf, withScriptedWorker } from './scripted-worker';
import { workflowBundle } from './workflow-bundle';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await timeSkippingEnvironment();
});

afterEach(() => freeClock(env));
afterAll(() => env.teardown());

describe('an urgent schedule', () => {
  it('has its occurrence planned and sent by the slots that are kept for what is urgent', () =>
    withScriptedWorker(env, async ({ world, input, command, occurrence }) => {
      world.priority = 1;
      world.people = [{ rid: 1, zone: 'Test/0', due: world.opensAt }];
      const urgent = await Worker.create(
        urgentOptions({
          connection: env.nativeConnection,
          workflowBundle: await workflowBundle(),
          activities: activitiesOf(world),
          taskQueue: input.scheduleId,
          shutdownGraceMs: 100,
        }),
      );
      const schedule = await urgent.runUntil(async () => {
        const handle = await command();
        await handle.result();
        await occurrence.result();
        return handle;
      });

      const { events } = await occurrence.fetchHistory();
      const steps = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: step }) => step ?? []);
      expect(steps.map(({ activityType, taskQueue }) => [activityType?.name, taskQueue?.name])).toEqual(
        ['planOccurrence', 'cutPages', 'deliverPage', 'planOccurrence', 'closeOccurrence'].map((name) => [
          name,
          `${input.scheduleId}-urgent`,
        ]),
      );
      expect(steps.every(({ priority }) => priority?.priorityKey === 1 && priority.fairnessKey === '1')).toBe(
        true,
      );
      await recordHistories('urgent', [schedule, occurrence]);
    }));
});
