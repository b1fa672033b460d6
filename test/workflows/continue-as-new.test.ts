import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR } from '../../domain/time/instant';
import { LOOK_SIGNAL } from '../../workflows/contract';
import { eventually } from '../eventually';
import { recordHistories } from '../histories/record';
import { stack } from '../stack';
import { withScriptedWorker } from './scripted-worker';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createFromExistingServer({ address: stack().temporal });
});

afterAll(() => env.teardown());

/** A server suggests a new run at 4 MiB of history: a handful of fat hints does it as well as thousands of events. */
const FAT_HINT = 'x'.repeat(1_000_000);

async function fattenUntilNewRun(workflow: WorkflowHandle): Promise<void> {
  const first = await runOf(workflow);
  const hint = async (): Promise<boolean> => {
    await workflow.signal(LOOK_SIGNAL, FAT_HINT);
    return (await runOf(workflow)) !== first;
  };
  await eventually('a new run', hint, { withinMs: 40_000, everyMs: 500 });
}

async function runOf(workflow: WorkflowHandle): Promise<string> {
  return (await workflow.describe()).runId;
}

describe('continue-as-new', () => {
  it('lets a sleeping schedule go on in a new run that reads again', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.people = [{ rid: 1, zone: 'Test/Zone', due: world.opensAt - HOUR }];
      const schedule = await command();
      await fattenUntilNewRun(schedule);

      world.opensAt -= HOUR;
      await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
      expect(world.pages).toHaveLength(1);
    }));

  it('hands a running occurrence to the new run, which passes looks on and hears of the end', () =>
    withScriptedWorker(env, async ({ world, command, occurrence }) => {
      world.opensAt -= HOUR;
      world.people = [{ rid: 1, zone: 'Test/Zone', due: world.opensAt + 2 * HOUR }];
      const schedule = await command();
      await eventually('the occurrence runs', () => world.asked.includes('plan'));
      const first = await runOf(schedule);
      await fattenUntilNewRun(schedule);

      world.status = 'cancelled';
      await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'cancelled' });
      expect(world.people[0]?.outcome?.kind).toBe('cancelled');
      const before = env.client.workflow.getHandle(schedule.workflowId, first);
      await recordHistories('schedule-continues-as-new', [before, schedule, occurrence]);
    }));

  it('stops an occurrence between pages, and every page is still taken once', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.pageSize = 1;
      const due = world.opensAt - HOUR;
      world.people = Array.from({ length: 12 }, (_, n) => ({ rid: n + 1, zone: 'Test/Zone', due }));
      let held = true;
      world.onPage = () => eventually('the page is let go', () => !held).then(() => undefined);
      const occurrence = await startOccurrence();
      await eventually('pages in flight', () => world.pages.length === 4);
      const first = await runOf(occurrence);
      for (let n = 0; n < 6; n += 1) await occurrence.signal(LOOK_SIGNAL, FAT_HINT);
      held = false;

      await expect(occurrence.result()).resolves.toEqual({ sent: 12 });
      expect(await runOf(occurrence)).not.toBe(first);
      const taken = world.pages.flatMap((page) => page.rids).toSorted((a, b) => a - b);
      expect(taken).toEqual(world.people.map((person) => person.rid));
      const before = env.client.workflow.getHandle(occurrence.workflowId, first);
      await recordHistories('occurrence-continues-as-new', [before, occurrence]);
    }));
});
