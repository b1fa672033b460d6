import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, MINUTE } from '../../domain/time/instant';
import { LOOK_SIGNAL } from '../../workflows/contract';
import { eventually } from '../eventually';
import { freeClock, timeSkippingEnvironment } from '../time-skipping';
import type { ScriptedPerson, ScriptedSchedule } from './scripted-schedule';
import { withScriptedWorker } from './scripted-worker';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await timeSkippingEnvironment();
});

afterEach(() => freeClock(env));
afterAll(() => env.teardown());

/** People 1, 2, 3... an hour apart, the first when the occurrence opens. */
const hourly = (world: ScriptedSchedule, count: number): ScriptedPerson[] =>
  Array.from({ length: count }, (_, n) => ({ rid: n + 1, zone: `Test/${n}`, due: world.opensAt + n * HOUR }));

const outcomes = (world: ScriptedSchedule): (string | undefined)[] =>
  world.people.map((person) => person.outcome?.kind);

/** Settled at their due instant or in the few real seconds that a test's own work takes. */
function expectPunctual(people: ScriptedPerson[]): void {
  for (const { due, outcome } of people) {
    expect(outcome?.at).toBeGreaterThanOrEqual(due);
    expect(outcome?.at).toBeLessThan(due + MINUTE);
  }
}

describe('an occurrence', () => {
  it('settles the people of each instant at that instant, over 26 hours', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 27);
      const occurrence = await startOccurrence();

      await expect(occurrence.result()).resolves.toEqual({ sent: 27 });
      expect(world.pages.map((page) => page.rids)).toEqual(world.people.map((person) => [person.rid]));
      expectPunctual(world.people);
    }));

  it('closes at once when nobody is in its audience', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      await expect((await startOccurrence()).result()).resolves.toEqual({});
      expect(world.asked).toEqual(['plan', 'close']);
    }));

  it('finds in the late sweep who was created during a page', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 2);
      world.onPage = ({ rids }) => {
        if (rids.includes(1)) world.people.push({ rid: 9, zone: 'Test/0', due: world.opensAt });
      };
      await expect((await startOccurrence()).result()).resolves.toEqual({ sent: 3 });
      expect(world.pages.map((page) => page.rids)).toEqual([[1], [9], [2]]);
    }));

  it('plans again at a look, and finds an earlier instant', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 1);
      const occurrence = await startOccurrence();
      await eventually('the first plan', () => world.asked.includes('plan'));

      const early = { rid: 2, zone: 'Test/Early', due: world.opensAt - 30 * MINUTE };
      world.people.push(early);
      await occurrence.signal(LOOK_SIGNAL, 1);
      await occurrence.result();
      expect(world.pages.map((page) => page.rids)).toEqual([[2], [1]]);
      expectPunctual(world.people);
    }));

  it('records everybody as cancelled at once when its schedule is cancelled before it begins', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 3);
      world.status = 'cancelled';
      await expect((await startOccurrence()).result()).resolves.toEqual({ cancelled: 3 });
      expect(world.pages).toMatchObject([{ at: null, rids: [1, 2, 3] }]);
    }));

  it('records the rest as cancelled at once when a look tells of a cancellation', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 3);
      const occurrence = await startOccurrence();
      await env.sleep(HOUR + 30 * MINUTE);
      await eventually('the first page', () => world.people[0]?.outcome);

      world.status = 'cancelled';
      await occurrence.signal(LOOK_SIGNAL, 2);
      await expect(occurrence.result()).resolves.toEqual({ sent: 1, cancelled: 2 });
      expect(world.people[2]?.outcome?.at).toBeLessThan(world.opensAt + HOUR);
    }));

  it('sees after each instant that it was cancelled, though no look came', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 3);
      world.onPage = async () => {
        await Promise.resolve();
        if (world.pages.length === 2) world.status = 'cancelled';
      };
      await (await startOccurrence()).result();
      expect(outcomes(world)).toEqual(['sent', 'cancelled', 'cancelled']);
      expect(world.people[2]?.outcome?.at).toBeLessThan(world.opensAt + 2 * HOUR);
    }));

  it('sends nothing while its schedule is paused, and everything after the look of a resume', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 3);
      world.status = 'paused';
      const occurrence = await startOccurrence();
      await env.sleep(2 * HOUR);
      expect(world.asked).toEqual(['plan']);

      world.status = 'running';
      await occurrence.signal(LOOK_SIGNAL, 2);
      await expect(occurrence.result()).resolves.toEqual({ sent: 3 });
    }));

  it('is paused between two instants, passes one, and makes up for it when it is resumed', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 3);
      const occurrence = await startOccurrence();
      await env.sleep(HOUR + 30 * MINUTE);
      await eventually('the first page', () => world.people[0]?.outcome);
      world.status = 'paused';
      await occurrence.signal(LOOK_SIGNAL, 2);
      await env.sleep(HOUR);
      expect(outcomes(world)).toEqual(['sent', undefined, undefined]);

      world.status = 'running';
      await occurrence.signal(LOOK_SIGNAL, 3);
      await expect(occurrence.result()).resolves.toEqual({ sent: 3 });
      expect(world.people[1]?.outcome?.at).toBeGreaterThanOrEqual(world.opensAt + HOUR + 30 * MINUTE);
      expect(world.people[2]?.outcome?.at).toBeLessThan(world.opensAt + 2 * HOUR + MINUTE);
    }));

  it.each([true, false])(
    'stops taking pages at a pause, with its look or without (%s), and takes the rest once when it is resumed',
    (looks) =>
      withScriptedWorker(env, async ({ world, startOccurrence }) => {
        world.pageSize = 1;
        world.people = Array.from({ length: 40 }, (_, n) => ({
          rid: n + 1,
          zone: 'Test/0',
          due: world.opensAt,
        }));
        let occurrence: WorkflowHandle | undefined;
        world.onPage = async () => {
          if (world.pages.length !== 6) return;
          world.status = 'paused';
          if (looks) await occurrence?.signal(LOOK_SIGNAL, 2);
        };
        occurrence = await startOccurrence();
        await env.sleep(2 * HOUR);
        await eventually('the plan that says hold', () => world.asked.at(-1) === 'plan');
        // Those in flight, and at most one each that found out by itself.
        expect(world.asked.filter((step) => step === 'page').length).toBeLessThan(20);

        world.status = 'running';
        await occurrence.signal(LOOK_SIGNAL, 3);
        await expect(occurrence.result()).resolves.toEqual({ sent: 40 });
      }),
  );

  it('can be cancelled while it is paused', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 2);
      world.status = 'paused';
      const occurrence = await startOccurrence();
      await eventually('the first plan', () => world.asked.includes('plan'));
      world.status = 'cancelled';
      await occurrence.signal(LOOK_SIGNAL, 2);
      await expect(occurrence.result()).resolves.toEqual({ cancelled: 2 });
    }));

  it('takes a few pages at a time, every one once', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.pageSize = 10;
      world.people = Array.from({ length: 95 }, (_, n) => ({
        rid: n + 1,
        zone: 'Test/0',
        due: world.opensAt,
      }));
      let open = 0;
      let most = 0;
      world.onPage = async () => {
        open += 1;
        most = Math.max(most, open);
        await eventually('company', () => open > 1 || world.pages.length > 8);
        open -= 1;
      };
      await expect((await startOccurrence()).result()).resolves.toEqual({ sent: 95 });
      expect(world.pages).toHaveLength(10);
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(4);
    }));

  it('runs a page again that crashed', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 2);
      world.onPage = () => {
        if (world.pages.length < 3) throw new Error('Postgres is away');
      };
      await expect((await startOccurrence()).result()).resolves.toEqual({ sent: 2 });
      expect(world.pages.map((page) => page.rids)).toEqual([[1], [1], [1], [2]]);
    }));

  it('fails when a step says that it can never succeed', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 1);
      world.onPage = () => {
        throw ApplicationFailure.nonRetryable('no such occurrence', 'UnknownOccurrence');
      };
      await expect((await startOccurrence()).result()).rejects.toThrow('Workflow execution failed');
      expect(world.pages).toHaveLength(1);
    }));

  it('pauses between plans that nobody can be settled of, and goes on when they can', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = hourly(world, 1);
      world.uncuttable = true;
      const occurrence = await startOccurrence();
      await env.sleep(2 * HOUR);
      // Doubling from 5 s to 5 minutes: 6 plans in the first 5 minutes, then 12 an hour.
      expect(world.asked.filter((step) => step === 'plan').length).toBeLessThan(25);

      world.uncuttable = false;
      await expect(occurrence.result()).resolves.toEqual({ sent: 1 });
    }));

  it('wakes from such a pause at a look', () =>
    withScriptedWorker(env, async ({ world, startOccurrence }) => {
      world.people = [{ rid: 1, zone: 'Test/0', due: world.opensAt - 2 * HOUR }];
      world.uncuttable = true;
      const occurrence = await startOccurrence();
      await env.sleep(30 * MINUTE);
      world.uncuttable = false;
      await occurrence.signal(LOOK_SIGNAL, 2);
      await eventually('the page', () => world.people[0]?.outcome);
      await occurrence.result();
    }));
});
