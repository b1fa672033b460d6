import type { WorkflowHandle } from '@temporalio/client';
import { HOUR } from '../../domain/time/instant';
import { eventually } from '../eventually';
import { encryptedSchedule, newKey } from './encrypted-schedule';
import type { EncryptedSchedule, Keys } from './encrypted-schedule';
import { storedPayloads } from './stored-payloads';

const old = newKey('k1');
const fresh = newKey('k2');
let run: EncryptedSchedule;

beforeEach(async () => {
  run = await encryptedSchedule();
});

afterEach(() => run.close());

/** Three people who are due once the schedule is told to open an hour earlier. */
function bringForward(): void {
  run.world.opensAt -= 2 * HOUR;
  run.world.people = [1, 2, 3].map((rid) => ({ rid, zone: 'Test/Zone', due: run.world.opensAt }));
}

async function sleepUnder(keys: Keys): Promise<void> {
  await run.withWorker(keys, async () => {
    await run.command(keys);
    await eventually('the schedule sleeps', () => hasEvent(run.schedule(), 'timerStartedEventAttributes'));
  });
}

async function hasEvent(workflow: WorkflowHandle, attributes: string): Promise<boolean> {
  return (await eventsWith(workflow, attributes)).length > 0;
}

async function eventsWith(workflow: WorkflowHandle, attributes: string): Promise<object[]> {
  const { events } = await workflow.fetchHistory();
  return (events ?? []).flatMap((event) => {
    const found: unknown = Reflect.get(event, attributes);
    return typeof found === 'object' && found !== null ? [found] : [];
  });
}

async function failuresOf(workflow: WorkflowHandle): Promise<string[]> {
  const failed = await eventsWith(workflow, 'workflowTaskFailedEventAttributes');
  return failed.map((attributes) =>
    String(Reflect.get(Object(Reflect.get(attributes, 'failure')), 'message')),
  );
}

async function keysIn(workflow: WorkflowHandle): Promise<unknown[]> {
  return [...new Set((await storedPayloads(workflow)).map(({ keyId }) => keyId))].filter(
    (id) => id !== undefined,
  );
}

function everybodyOnce(): void {
  const taken = run.world.pages.filter(({ rids }) => rids.length > 0).flatMap(({ rids }) => rids);
  expect(taken.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  expect(run.world.people.map(({ outcome }) => outcome?.kind)).toEqual(['sent', 'sent', 'sent']);
}

describe('a key that is rotated while a schedule sleeps', () => {
  it('lets it wake and finish: the old key reads, the new one writes', async () => {
    await sleepUnder([old]);
    expect(await keysIn(run.schedule())).toEqual(['k1']);

    bringForward();
    const rotated: Keys = [fresh, old];
    const logged = await run.withWorker(rotated, async () => {
      await expect((await run.command(rotated)).result()).resolves.toEqual({ status: 'completed' });
    });
    everybodyOnce();
    expect(await keysIn(run.schedule())).toEqual(['k1', 'k2']);
    expect(await keysIn(run.occurrence())).toEqual(['k2']);
    expect(logged).toEqual([]);
  });

  it('may be taken up by the API before the worker writes with it', async () => {
    await sleepUnder([old]);
    bringForward();
    await run.withWorker([old, fresh], async () => {
      await expect((await run.command([fresh, old])).result()).resolves.toEqual({ status: 'completed' });
    });
    everybodyOnce();
  });
});

describe('a key that is removed too early', () => {
  it('is named, in the log once and in the history, and costs nothing when it is put back', async () => {
    await sleepUnder([old]);
    bringForward();
    const logged = await run.withWorker([fresh], async () => {
      await run.command([fresh]);
      await eventually('the workflow task fails', async () => (await failuresOf(run.schedule())).length > 0);
    });
    expect(logged).toEqual([
      expect.stringMatching(/^Encryption key "k1" is not in SUNDIAL_ENCRYPTION_KEYS.*nothing is lost/),
    ]);
    expect(await failuresOf(run.schedule())).toEqual([expect.stringContaining('Encryption key "k1" is not')]);
    expect((await run.schedule().describe()).status.name).toBe('RUNNING');
    expect(run.world.pages).toEqual([]);

    const backAgain: Keys = [fresh, old];
    await run.withWorker(backAgain, async () => {
      await expect((await run.command(backAgain)).result()).resolves.toEqual({ status: 'completed' });
    });
    everybodyOnce();
  });

  it('stops a page that was under way before it sends, and lets it go on afterwards', async () => {
    bringForward();
    let refused = true;
    run.world.onPage = () => {
      if (refused) throw new Error('the provider is away');
    };
    await run.withWorker([old], async () => {
      await run.command([old]);
      await eventually('a page is tried', () => run.world.pages.length > 0);
    });
    const tried = run.world.pages.length;
    refused = false;

    await run.withWorker([fresh], () =>
      eventually('the page cannot be read', async () => {
        const { raw } = await run.occurrence().describe();
        const [page] = raw.pendingActivities ?? [];
        return page?.lastFailure?.message?.includes('Encryption key "k1" is not');
      }),
    );
    expect(run.world.pages).toHaveLength(tried);

    const backAgain: Keys = [fresh, old];
    await run.withWorker(backAgain, async () => {
      await expect((await run.command(backAgain)).result()).resolves.toEqual({ status: 'completed' });
    });
    expect(run.world.people.map(({ outcome }) => outcome?.kind)).toEqual(['sent', 'sent', 'sent']);
  });
});
