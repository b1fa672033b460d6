import { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, SECOND } from '../../domain/time/instant';
import { eventually } from '../eventually';
import { recordHistories } from '../histories/record';
import { stack } from '../stack';
import type { ScriptedPerson, ScriptedSchedule } from './scripted-schedule';
import { withScriptedWorker } from './scripted-worker';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createFromExistingServer({ address: stack().temporal });
});

afterAll(() => env.teardown());

const dueNow = (world: ScriptedSchedule, count: number): ScriptedPerson[] =>
  Array.from({ length: count }, (_, n) => ({ rid: n + 1, zone: 'Test/Zone', due: world.opensAt }));

/** What somebody does to a schedule and its occurrence on a real server, kept as histories to replay. */
describe('commands at work', () => {
  it('pause a schedule in the middle of its pages, and resume it', () =>
    withScriptedWorker(env, async ({ world, command, occurrence }) => {
      world.opensAt -= 2 * HOUR;
      world.pageSize = 1;
      world.people = dueNow(world, 12);
      world.onPage = async () => {
        if (world.pages.length !== 5) return;
        world.status = 'paused';
        world.version = 2;
        await command();
      };
      const schedule = await command();
      await eventually(
        'the plan that says hold',
        () => world.asked.at(-1) === 'plan' && world.pages.length > 4,
      );
      const paused = await occurrence.describe();
      expect(paused.status.name).toBe('RUNNING');
      expect(world.people.some((person) => person.outcome === undefined)).toBe(true);

      world.status = 'running';
      world.version = 3;
      await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
      expect(world.people.every((person) => person.outcome?.kind === 'sent')).toBe(true);
      await recordHistories('pause', [schedule, occurrence]);
    }));

  it('pause a schedule before it opens, resume it, and pause it while it waits for its instant', () =>
    withScriptedWorker(env, async ({ world, command, occurrence }) => {
      world.status = 'paused';
      const schedule = await command();
      await eventually('the first reading', () => world.asked.includes('read'));
      world.opensAt = Date.now() + 3 * SECOND;
      world.people = dueNow(world, 2);
      const [, second] = world.people;
      if (second) second.due = world.opensAt + HOUR;
      world.status = 'scheduled';
      await command();
      await eventually('the first page', () => world.people[0]?.outcome);

      world.status = 'paused';
      await command();
      await eventually('the pause', async () => {
        const { searchAttributes } = await occurrence.describe();
        return searchAttributes['SundialState']?.[0] === 'paused';
      });
      world.status = 'running';
      if (second) second.due = world.opensAt;
      await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
      await recordHistories('pause-before', [schedule, occurrence]);
    }));

  it('take an occurrence over that was terminated, and a page whose worker failed', () =>
    withScriptedWorker(env, async ({ world, command, occurrence }) => {
      world.opensAt -= 2 * HOUR;
      world.people = dueNow(world, 2);
      const [, second] = world.people;
      if (second) second.due = world.opensAt + 3 * HOUR;
      const schedule = await command();
      await eventually('the first page', () => world.people[0]?.outcome);
      const terminated = env.client.workflow.getHandle(
        occurrence.workflowId,
        (await occurrence.describe()).runId,
      );
      await occurrence.terminate('by hand');

      if (second) second.due = world.opensAt;
      world.onPage = () => {
        if (world.pages.length < 3) throw new Error('Postgres is away');
      };
      await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
      expect(world.people.map((person) => person.outcome?.kind)).toEqual(['sent', 'sent']);
      await recordHistories('take-over', [schedule, terminated, occurrence]);
    }));
});
