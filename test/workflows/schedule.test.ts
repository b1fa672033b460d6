import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR, MINUTE } from '../../domain/time/instant';
import { eventually } from '../eventually';
import { freeClock, timeSkippingEnvironment } from '../time-skipping';
import type { ScriptedPerson } from './scripted-schedule';
import { withScriptedWorker } from './scripted-worker';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await timeSkippingEnvironment();
});

afterEach(() => freeClock(env));
afterAll(() => env.teardown());

const personDue = (due: number, rid = 1): ScriptedPerson => ({ rid, zone: 'Test/Zone', due });

async function isPaused(occurrence: WorkflowHandle): Promise<boolean> {
  const described = await occurrence.describe().catch(() => undefined);
  return described?.searchAttributes['SundialState']?.[0] === 'paused';
}

describe('a schedule', () => {
  it('sleeps until its occurrence opens, runs it, and ends completed', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.people = [personDue(world.opensAt)];
      const schedule = await command();

      await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
      expect(world.people[0]?.outcome?.kind).toBe('sent');
      expect(world.people[0]?.outcome?.at).toBeGreaterThanOrEqual(world.opensAt);
      // The last two may be repeated: a workflow task that meets the occurrence's end is done again.
      expect([...new Set(world.asked.slice(0, 10))]).toEqual([
        'read',
        'open',
        'plan',
        'cut',
        'page',
        'close',
        'complete',
      ]);
    }));

  it('fires at once when its time has passed', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.opensAt -= 2 * HOUR;
      world.people = [personDue(world.opensAt)];

      await expect((await command()).result()).resolves.toEqual({ status: 'completed' });
      expect(world.people[0]?.outcome?.kind).toBe('sent');
    }));

  it.each(['paused', 'draft'])('waits while it is %s, and fires after the next command', (status) =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.status = status;
      world.people = [personDue(world.opensAt)];
      await command();
      await env.sleep(3 * HOUR);
      expect(world.pages).toEqual([]);

      world.status = 'scheduled';
      world.version = 2;
      await expect((await command()).result()).resolves.toEqual({ status: 'completed' });
      expect(world.applied).toContain(2);
      expect(world.people[0]?.outcome?.at).toBeGreaterThanOrEqual(world.opensAt + 2 * HOUR);
    }),
  );

  it('obeys a command that moves the instant while it sleeps', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      const before = world.opensAt;
      world.people = [personDue(before - 30 * MINUTE)];
      await command();
      await eventually('first reading', () => world.asked.includes('read'));

      world.opensAt = before - 30 * MINUTE;
      world.version = 2;
      await expect((await command()).result()).resolves.toEqual({ status: 'completed' });
      expect(world.people[0]?.outcome?.at).toBeLessThan(before);
    }));

  it('obeys a command that comes just before its occurrence opens', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      const later = world.opensAt + 2 * HOUR;
      world.people = [personDue(later)];
      world.onOpen = () => {
        world.version = 2;
        world.opensAt = later;
      };
      await expect((await command()).result()).resolves.toEqual({ status: 'completed' });
      expect(world.applied).toEqual(expect.arrayContaining([1, 2]));
      expect(world.people[0]?.outcome?.at).toBeGreaterThanOrEqual(later);
    }));

  it('ends without an occurrence when it is cancelled while it sleeps', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.people = [personDue(world.opensAt)];
      await command();
      await eventually('first reading', () => world.asked.includes('read'));

      world.status = 'cancelled';
      await expect((await command()).result()).resolves.toEqual({ status: 'cancelled' });
      expect(world.occurrence).toBe('none');
    }));

  it('reads again when it wakes, so that a cancellation whose look was lost still counts', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.people = [personDue(world.opensAt)];
      const schedule = await command();
      await eventually('first reading', () => world.asked.includes('read'));

      world.status = 'cancelled';
      await expect(schedule.result()).resolves.toEqual({ status: 'cancelled' });
      expect(world.occurrence).toBe('none');
    }));

  it('passes a cancellation on to its running occurrence and waits until that is closed', () =>
    withScriptedWorker(env, async ({ world, command, occurrence }) => {
      world.people = [personDue(world.opensAt, 1), personDue(world.opensAt + 5 * HOUR, 2)];
      const schedule = await command();
      await env.sleep(2 * HOUR);
      await eventually('first page', () => world.people[0]?.outcome);

      world.status = 'cancelled';
      await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'cancelled' });
      expect(world.people.map((person) => person.outcome?.kind)).toEqual(['sent', 'cancelled']);
      expect(world.people[1]?.outcome?.at).toBeLessThan(world.opensAt + 5 * HOUR);
      expect((await occurrence.describe()).status.name).toBe('COMPLETED');
    }));

  it.each(['completed', 'cancelled', 'unknown'])('ends at once on a late command when it is %s', (status) =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.status = status;
      await expect((await command()).result()).resolves.toEqual({ status });
      expect(world.asked).toEqual(['read']);
    }),
  );

  it('takes an occurrence that somebody else started for its own', () =>
    withScriptedWorker(env, async ({ world, command, startOccurrence }) => {
      world.people = [personDue(world.opensAt + HOUR)];
      world.status = 'running';
      world.occurrence = 'open';
      await startOccurrence();

      await expect((await command()).result()).resolves.toEqual({ status: 'completed' });
      expect(world.people[0]?.outcome?.kind).toBe('sent');
      expect(world.pages).toHaveLength(1);
    }));

  it('starts an occurrence again, at the next command, that was terminated by hand', () =>
    withScriptedWorker(env, async ({ world, command, occurrence }) => {
      world.people = [personDue(world.opensAt + 5 * HOUR)];
      await command();
      await env.sleep(2 * HOUR);
      await eventually('the occurrence runs', () => world.asked.includes('plan'));
      await occurrence.terminate('by hand');

      const schedule = await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
      expect(world.people[0]?.outcome?.kind).toBe('sent');
    }));

  it('that was lost while it was paused takes its open occurrence up again, which waits for a command', () =>
    withScriptedWorker(env, async ({ world, command, occurrence }) => {
      world.people = [personDue(world.opensAt - HOUR)];
      world.occurrence = 'open';
      world.status = 'paused';
      const schedule = await command();
      await eventually('it waits for a command', () => isPaused(occurrence));
      expect(world.people[0]?.outcome).toBeUndefined();

      world.status = 'running';
      await command();
      await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
      expect(world.people[0]?.outcome?.kind).toBe('sent');
    }));

  it('that was lost when it had just been cancelled sees its open occurrence to the end', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.people = [personDue(world.opensAt + 5 * HOUR)];
      world.occurrence = 'open';
      world.status = 'cancelled';
      await expect((await command()).result()).resolves.toEqual({ status: 'cancelled' });
      expect(world.people[0]?.outcome?.kind).toBe('cancelled');
    }));

  it('passes a resume on to an occurrence that waited on while the schedule was lost', () =>
    withScriptedWorker(env, async ({ world, command, startOccurrence }) => {
      world.people = [personDue(world.opensAt - HOUR)];
      world.occurrence = 'open';
      world.status = 'paused';
      const occurrence = await startOccurrence();
      await eventually('it waits for a command', () => isPaused(occurrence));
      world.status = 'running';
      await expect((await command()).result()).resolves.toEqual({ status: 'completed' });
      expect(world.people[0]?.outcome?.kind).toBe('sent');
    }));

  it('is found by its state and its next instant', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.people = [personDue(world.opensAt)];
      const schedule = await command();
      const asleep = await eventually('search attributes', async () => {
        const { searchAttributes } = await schedule.describe();
        return searchAttributes['SundialState'] && searchAttributes;
      });
      expect(asleep['SundialState']).toEqual(['scheduled']);
      expect(asleep['SundialNextFire']).toEqual([new Date(world.opensAt)]);

      await schedule.result();
      const { searchAttributes: ended } = await schedule.describe();
      expect(ended['SundialState']).toEqual(['completed']);
    }));

  it('goes on when a reading fails for a while', () =>
    withScriptedWorker(env, async ({ world, command }) => {
      world.people = [personDue(world.opensAt)];
      const { readSchedule } = world.activities;
      let failures = 3;
      world.activities.readSchedule = (ref) => {
        failures -= 1;
        if (failures >= 0) throw new Error('Postgres is away');
        return readSchedule(ref);
      };
      await expect((await command()).result()).resolves.toEqual({ status: 'completed' });
    }));
});
