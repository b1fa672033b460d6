import { TestWorkflowEnvironment } from '@temporalio/testing';
import { LOOK_SIGNAL, sliceWorkflowId } from '../../workflows/contract';
import { recordHistories } from '../histories/record';
import { eventually } from '../eventually';
import { stack } from '../stack';
import { manyPages } from './many-pages';
import { withScriptedWorker } from './scripted-worker';

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await TestWorkflowEnvironment.createFromExistingServer({ address: stack().temporal });
});

afterAll(() => env.teardown());

/** Where a server suggests a new run; it ends one at 51,200 events or 50 MiB. */
const SUGGESTED = { events: 4_096, bytes: 4 * 1024 * 1024 };

describe('a million people at one instant', () => {
  it(
    'fit into histories far below the limits of a server, every page taken once',
    () =>
      withScriptedWorker(
        env,
        async ({ world, input, startOccurrence }) => {
          const pages = manyPages(world, 1_000);
          const occurrence = await startOccurrence();
          await expect(occurrence.result()).resolves.toEqual({ sent: 1_000_000 });
          expect(new Set(pages.taken).size).toBe(1_000);
          expect(pages.taken).toHaveLength(1_000);

          const slices = Array.from({ length: 5 }, (_, n) =>
            env.client.workflow.getHandle(sliceWorkflowId(input.scheduleId, input.nominal, n)),
          );
          for (const workflow of [occurrence, ...slices]) {
            const { historyLength, historySize, status } = await workflow.describe();
            expect(status.name).toBe('COMPLETED');
            expect(historyLength).toBeLessThan(SUGGESTED.events / 2);
            expect(historySize).toBeGreaterThan(0);
            expect(historySize).toBeLessThan(SUGGESTED.bytes / 4);
          }
          expect((await occurrence.describe()).historyLength).toBeLessThan(100);
        },
        290_000,
      ),
    300_000,
  );
});

describe('a slice', () => {
  it(
    'holds what is beyond two hundred pages',
    () =>
      withScriptedWorker(
        env,
        async ({ world, input, startOccurrence }) => {
          const pages = manyPages(world, 201);
          const occurrence = await startOccurrence();
          await expect(occurrence.result()).resolves.toEqual({ sent: 201_000 });
          expect(pages.taken).toHaveLength(201);
          const last = env.client.workflow.getHandle(sliceWorkflowId(input.scheduleId, input.nominal, 1));
          await expect(last.result()).resolves.toBe(1_000);
          await recordHistories('slice', [occurrence, last]);
        },
        110_000,
      ),
    120_000,
  );

  it(
    'ends at a pause, and the occurrence takes the others in new slices when it is resumed',
    () =>
      withScriptedWorker(
        env,
        async ({ world, startOccurrence }) => {
          const pages = manyPages(world, 450);
          pages.onPage = () => {
            if (pages.taken.length === 20) world.status = 'paused';
          };
          const occurrence = await startOccurrence();
          await eventually(
            'the plan that says hold',
            () => world.asked.at(-1) === 'plan' && world.status === 'paused',
          );
          expect(pages.taken.length).toBeLessThan(40);

          pages.onPage = () => undefined;
          world.status = 'running';
          await occurrence.signal(LOOK_SIGNAL, 2);
          await expect(occurrence.result()).resolves.toEqual({ sent: 450_000 });
          expect(new Set(pages.taken).size).toBe(450);
          expect(pages.taken).toHaveLength(450);
        },
        190_000,
      ),
    200_000,
  );

  it(
    'that somebody terminated leaves its people to the next plan',
    () =>
      withScriptedWorker(
        env,
        async ({ world, input, startOccurrence }) => {
          const pages = manyPages(world, 201);
          const slice = env.client.workflow.getHandle(sliceWorkflowId(input.scheduleId, input.nominal, 0));
          pages.onPage = async () => {
            if (pages.taken.length === 10) await slice.terminate('by hand');
          };
          await expect((await startOccurrence()).result()).resolves.toEqual({ sent: 201_000 });
        },
        110_000,
      ),
    120_000,
  );
});

describe('a schedule that lives for years', () => {
  it(
    'is told a thousand times to look, and hands its next run no more than its name',
    () =>
      withScriptedWorker(
        env,
        async ({ world, command }) => {
          world.status = 'paused';
          const schedule = await command();
          const first = (await schedule.describe()).runId;
          const told = { times: 1, events: 0, bytes: 0 };
          const toldAgain = async (): Promise<boolean> => {
            const { historyLength, historySize = 0, runId } = await schedule.describe();
            if (runId !== first) return true;
            told.events = historyLength;
            told.bytes = historySize;
            if (world.applied.length < told.times) return false;
            await schedule.signal(LOOK_SIGNAL, world.version);
            told.times += 1;
            return false;
          };
          await eventually('a new run', toldAgain, { withinMs: 250_000, everyMs: 1 });
          expect(told.times).toBeGreaterThan(500);
          expect(told.events).toBeGreaterThan(SUGGESTED.events - 100);
          expect(told.events).toBeLessThan(SUGGESTED.events + 100);
          expect(told.bytes).toBeGreaterThan(0);
          expect(told.bytes).toBeLessThan(SUGGESTED.bytes / 2);

          const { events } = await schedule.fetchHistory();
          const started = events?.[0]?.workflowExecutionStartedEventAttributes;
          const bytes = started?.input?.payloads?.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
          expect(bytes).toBeLessThan(200);

          world.status = 'cancelled';
          await command();
          await expect(schedule.result()).resolves.toEqual({ status: 'cancelled' });
        },
        290_000,
      ),
    300_000,
  );
});
