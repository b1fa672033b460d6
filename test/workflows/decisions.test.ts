import { TestWorkflowEnvironment } from '@temporalio/testing';
import { HOUR } from '../../domain/time/instant';
import { LOOK_SIGNAL } from '../../workflows/contract';
import { eventually } from '../eventually';
import { recordHistories } from '../histories/record';
import { stack } from '../stack';
import type { ScriptedSchedule } from './scripted-schedule';
import { withScriptedWorker } from './scripted-worker';

jest.setTimeout(180_000);

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createFromExistingServer({ address: stack().temporal });
});

afterAll(() => env.teardown());

/** What a decision to send again does to somebody who had an outcome. */
function sendBack(world: ScriptedSchedule): void {
  const [person] = world.people;
  if (person) delete person.outcome;
}

/** Two people who are due, in an occurrence whose closing a test interrupts once. */
function interruptClosing(world: ScriptedSchedule, interrupt: () => Promise<void>): void {
  world.opensAt -= 2 * HOUR;
  world.people = [1, 2].map((rid) => ({ rid, zone: 'Test/Zone', due: world.opensAt }));
  const { closeOccurrence } = world.activities;
  let closings = 0;
  world.activities.closeOccurrence = async (ref) => {
    closings += 1;
    if (closings > 1) return closeOccurrence(ref);
    return interrupt().then(() => (world.occurrence === 'closed' ? closeOccurrence(ref) : null));
  };
}

const pagesOf = (world: ScriptedSchedule): number[][] => world.pages.map(({ rids }) => rids);

describe('an occurrence of which somebody is sent back', () => {
  it('between its last plan and its closing plans again', () =>
    withScriptedWorker(
      env,
      async ({ world, startOccurrence }) => {
        interruptClosing(world, async () => sendBack(world));
        const occurrence = await startOccurrence();
        await expect(occurrence.result()).resolves.toEqual({ sent: 2 });
        expect(pagesOf(world)).toEqual([[1, 2], [1]]);
        await recordHistories('decided-before-closing', [occurrence]);
      },
      170_000,
    ));

  it('just after its closing plans again, told by the look', () =>
    withScriptedWorker(
      env,
      async ({ world, startOccurrence, occurrence: running }) => {
        interruptClosing(world, async () => {
          world.occurrence = 'closed';
          await running.signal(LOOK_SIGNAL, 1);
          // The answer to this closing counts both; the one who is sent back has none by the next plan.
          setImmediate(() => sendBack(world));
        });
        const occurrence = await startOccurrence();
        await expect(occurrence.result()).resolves.toEqual({ sent: 2 });
        expect(pagesOf(world)).toEqual([[1, 2], [1]]);
        await recordHistories('decided-after-closing', [occurrence]);
      },
      170_000,
    ));
});

describe('a schedule whose occurrence was closed by a run that still lives', () => {
  it('waits for it once it is open again, and does not look without end', () =>
    withScriptedWorker(
      env,
      async ({ world, command, occurrence }) => {
        // A pause that comes between the last plan and the closing: the schedule lives on, and knows of the closing.
        interruptClosing(world, async () => {
          world.status = 'paused';
          world.occurrence = 'closed';
        });
        const schedule = await command();
        await eventually('the schedule has noted the closing', () => world.asked.includes('complete'));
        await occurrence.result();

        sendBack(world);
        world.occurrence = 'open';
        await command();
        await eventually('the occurrence has planned again', () => world.asked.at(-1) === 'plan');
        let [length, unchanged] = [0, 0];
        await eventually('its history stands still', async () => {
          const { historyLength } = await schedule.describe();
          unchanged = historyLength === length ? unchanged + 1 : 0;
          length = historyLength;
          return unchanged > 20;
        });
        world.status = 'running';
        await command();
        await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
        expect(pagesOf(world)).toEqual([[1, 2], [1]]);
        await recordHistories('opened-again', [schedule]);
      },
      170_000,
    ));
});

describe('a schedule whose occurrence runs already', () => {
  it('tells it to look, so that it does not end on what it knew', () =>
    withScriptedWorker(
      env,
      async ({ world, command, startOccurrence }) => {
        world.opensAt -= 2 * HOUR;
        world.people = [{ rid: 1, zone: 'Test/Zone', due: world.opensAt + 3 * HOUR }];
        const occurrence = await startOccurrence();
        await eventually('the first plan', () => world.asked.includes('plan'));
        const [person] = world.people;
        if (person) person.due = world.opensAt;
        const schedule = await command();
        await expect(schedule.result()).resolves.toEqual({ status: 'completed' });
        await expect(occurrence.result()).resolves.toEqual({ sent: 1 });
        await recordHistories('occurrence-runs-already', [schedule, occurrence]);
      },
      170_000,
    ));
});
