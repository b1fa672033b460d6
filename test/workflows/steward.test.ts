import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { DutyReport, DutyTurn, StewardActivities } from '../../activities/contract';
import { STEWARD_NOW_SIGNAL, WORKFLOW } from '../../workflows/contract';
import type { Duty } from '../../workflows/contract';
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

const NOTHING: DutyReport = { did: {}, cursor: null, next: 'in-its-time' };

interface StewardRun {
  /** What was taken up, in order: `revive from 17`. */
  readonly turns: string[];
  start(duty: Duty): Promise<WorkflowHandle>;
}

/** Runs `test` with a worker whose duties answer as told, on a task queue of its own; ends the stewards afterwards. */
async function withSteward(
  answer: (turn: number, cursor: string | null) => DutyReport,
  test: (run: StewardRun) => Promise<void>,
): Promise<void> {
  const turns: string[] = [];
  const started: WorkflowHandle[] = [];
  const taskQueue = randomUUID();
  const step =
    (duty: Duty) =>
    async ({ cursor }: DutyTurn): Promise<DutyReport> => {
      turns.push(`${duty} from ${cursor ?? 'the beginning'}`);
      return answer(turns.length, cursor);
    };
  const duties: StewardActivities = {
    deliverCommands: step('commands'),
    reviveSchedules: step('revive'),
    nudgeMessages: step('messages'),
    makePartitions: step('partitions'),
    checkCounters: step('counters'),
    rebuildWorkflows: step('rebuild'),
  };
  const world = scriptedSchedule(() => Promise.resolve(0), 0);
  const worker = await testWorker({
    connection: env.nativeConnection,
    activities: { ...world.activities, ...duties },
    taskQueue,
    shutdownGraceMs: 100,
  });
  await worker.runUntil(async () => {
    try {
      await test({
        turns,
        async start(duty) {
          const handle = await env.client.workflow.start(WORKFLOW.steward, {
            workflowId: `test/${taskQueue}/${duty}`,
            taskQueue,
            args: [{ duty }],
          });
          started.push(handle);
          return handle;
        },
      });
    } finally {
      for (const steward of started) await steward.terminate('the test is over');
    }
  });
}

/** Lengths of the timers that a run has set, in seconds. */
async function pausesOf(steward: WorkflowHandle): Promise<number[]> {
  const { events } = await steward.fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) => {
    const { seconds, nanos } = timer?.startToFireTimeout ?? {};
    return timer ? [Number(seconds ?? 0) + (nanos ?? 0) / 1e9] : [];
  });
}

describe('a steward', () => {
  it.each([
    ['commands', 15],
    ['revive', 30],
    ['messages', 10],
    ['partitions', 600],
    ['counters', 60],
    ['rebuild', 60],
  ] as const)('takes a turn at its duty, %s, and pauses for %d s', (duty, seconds) =>
    withSteward(
      () => NOTHING,
      async ({ turns, start }) => {
        const steward = await start(duty);
        await eventually('the pause', async () => (await pausesOf(steward)).length === 1);
        expect(turns).toEqual([`${duty} from the beginning`]);
        expect(await pausesOf(steward)).toEqual([seconds]);
      },
    ),
  );

  it('goes on from its cursor at once while there is more, and begins again when it is told to', () =>
    withSteward(
      (turn) =>
        turn < 3
          ? { did: { told: 500, unreached: 0 }, cursor: `after ${turn}`, next: 'at-once' }
          : { did: { told: 3 }, cursor: 'the end', next: 'in-its-time' },
      async ({ turns, start }) => {
        const steward = await start('rebuild');
        await eventually('three turns', async () => (await pausesOf(steward)).length === 3);
        expect(turns).toEqual(['rebuild from the beginning', 'rebuild from after 1', 'rebuild from after 2']);
        await steward.signal(STEWARD_NOW_SIGNAL);
        await eventually('the turn that was asked for', async () => (await pausesOf(steward)).length === 4);
        expect(turns.at(-1)).toBe('rebuild from the beginning');
        await recordHistories('steward', [steward]);
      },
    ));

  it('goes on after a turn that failed from where it was, in a quarter of a minute', () =>
    withSteward(
      (turn) => {
        if (turn === 2) throw new Error('Postgres is away');
        return { did: {}, cursor: 'half', next: turn === 1 ? 'at-once' : 'in-its-time' };
      },
      async ({ turns, start }) => {
        const steward = await start('partitions');
        await eventually('the turn after', () => turns.length === 3, { withinMs: 40_000 });
        expect(turns.slice(1)).toEqual(['partitions from half', 'partitions from half']);
        await eventually('its pause', async () => (await pausesOf(steward)).length === 3);
        expect(await pausesOf(steward)).toEqual([0.1, 15, 600]);
        await recordHistories('steward-fails', [steward]);
      },
    ));

  it('hands its cursor to the next run, which goes on from there', () =>
    withSteward(
      () => ({ did: {}, cursor: 'kept', next: 'in-its-time' }),
      async ({ turns, start }) => {
        const steward = await start('commands');
        await eventually('the first turn', () => turns.length === 1);
        const first = env.client.workflow.getHandle(steward.workflowId, (await steward.describe()).runId);
        // A server suggests a new run at 4 MiB of history. A signal that nobody listens to asks for nothing.
        for (let n = 0; n < 5; n += 1) await first.signal('fattens', 'x'.repeat(1_000_000));
        await eventually('the turn after', () => turns.length === 2, { withinMs: 40_000 });
        expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW');
        expect(turns).toEqual(['commands from the beginning', 'commands from kept']);
        await recordHistories('steward-continues-as-new', [first]);
      },
    ));

  it('shows what it did and when it looks again', () =>
    withSteward(
      () => ({ did: { revived: 2, 'given-up': 0, unreached: 1 }, cursor: null, next: 'in-its-time' }),
      async ({ start }) => {
        const steward = await start('revive');
        await eventually('the pause', async () => (await pausesOf(steward)).length === 1);
        await expect(steward.query('__temporal_workflow_metadata')).resolves.toMatchObject({
          currentDetails: expect.stringMatching(
            /^\d{4}-\d\d-\d\dT\S+Z: revived 2, unreached 1\. Looks again at \S+Z, or at the signal `now`\.$/,
          ),
        });
      },
    ));
});
