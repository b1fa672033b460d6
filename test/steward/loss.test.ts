import { createDataConverter } from '../../platform/data-converter';
import { connectTemporal } from '../../platform/temporal';
import type { TemporalClient } from '../../platform/temporal';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { DUTIES, scheduleWorkflowId, stewardWorkflowId } from '../../workflows/contract';
import { pause } from '../../worker/pause';
import { eventually } from '../eventually';
import { readinessOf } from '../outages/client';
import { ledgerOf } from '../outages/ledger';
import { startGatedMailServer } from '../outages/mailbox';
import type { GatedMailServer } from '../outages/mailbox';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';
import { begin, cancelWhoWaits, expectOneCopyEach } from './story';
import type { Story } from './story';

jest.setTimeout(600_000);

let stack: OwnStack;
let db: Database;
let api: OwnApi;
let temporal: TemporalClient;
let mail: GatedMailServer;

/** With 20 connections some 280 mails a second: pages of before the loss are still on their way after it. */
const SLOW_PROVIDER_MS = 70;

/** A worker forgives a Temporal for a minute that answers strangely, as one does that has only just come back. */
const LONG_OUTAGE_MS = 70_000;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  api = await stack.startApi();
  const converter = createDataConverter(stack.keyRing, { error: () => undefined });
  temporal = connectTemporal(stack.addresses.temporal, converter);
  mail = await startGatedMailServer(() => pause(SLOW_PROVIDER_MS));
});

afterAll(async () => {
  await mail.close();
  await temporal.close();
  await db.close();
  await stack.end();
});

const world = () => ({ stack, db, api });

/** Deletes all that Temporal knows, in the middle of the send. */
async function loseTemporal({ sending }: Story): Promise<void> {
  await stack.takeAway('Temporal');
  stack.forgetTemporal();
  const { sent = 0 } = await ledgerOf(db, sending.scheduleId);
  expect(sent).toBeLessThan(sending.addresses.length);
}

const isKnown = async (workflowId: string): Promise<boolean> => {
  const described = await temporal.client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return described !== undefined;
};

/** Waits until the new Temporal has heard of every steward, and of every schedule of which something is to come. */
async function untilRebuilt({ sending, sleeping, paused }: Story): Promise<void> {
  const schedules = [sending, sleeping, paused].map(({ scheduleId }) => scheduleWorkflowId(scheduleId));
  for (const workflowId of [...DUTIES.map(stewardWorkflowId), ...schedules]) {
    await eventually(`${workflowId} is there`, () => isKnown(workflowId), {
      withinMs: 120_000,
      everyMs: 250,
    });
  }
}

describe("when Temporal's database is deleted", () => {
  it('every schedule has its workflow again, and nobody gets a second copy from pages of before and after', async () => {
    const worker = await stack.startWorker({ SMTP_URL: mail.url });
    const story = await begin(world(), 'at-once', 2_000);
    await loseTemporal(story);
    await cancelWhoWaits(world(), story);
    await stack.giveBack('Temporal');
    await untilRebuilt(story);
    await expectOneCopyEach(world(), story, mail);
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe('code 0');
  });

  it('and stays away for longer than a minute, its workers live on', async () => {
    const worker = await stack.startWorker({ SMTP_URL: mail.url });
    // More pages than are taken at once: some have not begun.
    const story = await begin(world(), 'long', 6_000);
    await loseTemporal(story);
    const since = Date.now();
    await cancelWhoWaits(world(), story);
    await eventually(
      'a long outage',
      async () => {
        expect((await readinessOf(api)).down).toContain('temporal');
        return Date.now() - since > LONG_OUTAGE_MS;
      },
      { withinMs: LONG_OUTAGE_MS + 30_000, everyMs: 1_000 },
    );
    await stack.giveBack('Temporal');
    await untilRebuilt(story);
    await expectOneCopyEach(world(), story, mail);
    expect(worker.isAlive()).toBe(true);
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe('code 0');
  });

  it('and workers are restarted as well, the same holds', async () => {
    const worker = await stack.startWorker({ SMTP_URL: mail.url });
    const story = await begin(world(), 'restarted', 2_000);
    await loseTemporal(story);
    await cancelWhoWaits(world(), story);
    worker.signal('SIGTERM');
    await worker.ended;
    await stack.giveBack('Temporal');
    const successor = await stack.startWorker({ SMTP_URL: mail.url });
    await untilRebuilt(story);
    await expectOneCopyEach(world(), story, mail);
    successor.signal('SIGTERM');
    expect(await successor.ended).toBe('code 0');
  });
});
