import { createDataConverter } from '../../platform/data-converter';
import { connectTemporal } from '../../platform/temporal';
import type { TemporalClient } from '../../platform/temporal';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { pause } from '../../worker/pause';
import { scheduleWorkflowId, STEWARD_NOW_SIGNAL, stewardWorkflowId } from '../../workflows/contract';
import { eventually } from '../eventually';
import { expectAllSent, launchCampaign, untilSent, untilStatus } from '../outages/campaign';
import type { Campaign } from '../outages/campaign';
import { ledgerOf } from '../outages/ledger';
import { expectMailboxes, startGatedMailServer } from '../outages/mailbox';
import type { GatedMailServer } from '../outages/mailbox';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack, OwnWorker } from '../../temporal-dev/house/own-stack';
import { command, copiesFor, localTimeIn } from './story';

jest.setTimeout(300_000);

let stack: OwnStack;
let db: Database;
let api: OwnApi;
let temporal: TemporalClient;
let mail: GatedMailServer;

/** With 20 connections some 280 mails a second: a send is in the middle for some seconds. */
const SLOW_PROVIDER_MS = 70;
const FEW = 20;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  api = await stack.startApi();
  temporal = connectTemporal(
    stack.addresses.temporal,
    createDataConverter(stack.keyRing, { error: () => undefined }),
  );
  mail = await startGatedMailServer(() => pause(SLOW_PROVIDER_MS));
});

afterAll(async () => {
  await mail.close();
  await temporal.close();
  await db.close();
  await stack.end();
});

const launch = (name: string, people: number, fields: Record<string, unknown>): Promise<Campaign> =>
  launchCampaign(stack, db, api, name, people, fields);

const tell = (campaign: Campaign, name: string): Promise<void> => command({ stack, db, api }, campaign, name);

const until = (campaign: Campaign, status: string): Promise<unknown> =>
  untilStatus(stack, api, campaign, status);

async function statusOf(workflowId: string): Promise<string | undefined> {
  const described = await temporal.client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  return described?.status.name;
}

/** The workflow has read what is wanted, and waits for the next command or its instant. */
const untilRead = ({ scheduleId }: Campaign): Promise<unknown> =>
  eventually('the workflow has taken the version up', async () => {
    const { rows } = await db.pool.query<{ read: boolean }>(
      'select applied_version = version as read from schedule where id = $1',
      [scheduleId],
    );
    return rows[0]?.read;
  });

const metricsOf = async ({ metricsUrl }: OwnWorker): Promise<string> => (await fetch(metricsUrl)).text();

const noticed = (metrics: string): boolean =>
  metrics.includes('sundial_steward_actions_total{duty="rebuild",action="noticed"} 1\n');

describe('when Temporal is put back to a backup that is behind Postgres', () => {
  it('nothing is lost that came after it, and nobody is sent to twice', async () => {
    const worker = await stack.startWorker({ SMTP_URL: mail.url });
    await eventually(
      'the stewards run',
      async () => (await statusOf(stewardWorkflowId('rebuild'))) === 'RUNNING',
    );

    // Of these the backup knows.
    const asleep = await launch('asleep', FEW, { delay: 'PT35S' });
    const resumed = await launch('resumed', FEW, { delay: 'PT35S' });
    const abandoned = await launch('abandoned', FEW, { delay: 'PT35S' });
    const waiting = await launch('waiting', FEW, { delay: null, runAt: localTimeIn(2) });
    for (const campaign of [resumed, abandoned]) {
      await untilRead(campaign);
      await tell(campaign, 'pause');
    }
    await until(waiting, 'running');
    const middle = await launch('middle', 1_000, { delay: 'PT1S' });
    await untilSent(db, middle, 200);
    await stack.takeAway('Temporal');
    stack.backUpTemporal();
    await stack.giveBack('Temporal');

    // Of what comes now it does not: a turn of the steward among it.
    await temporal.client.workflow.getHandle(stewardWorkflowId('rebuild')).signal(STEWARD_NOW_SIGNAL);
    const delivered = await launch('delivered', FEW, { delay: 'PT1S' });
    const toCome = await launch('to-come', FEW, { delay: 'PT20S' });
    await tell(resumed, 'resume');
    await tell(abandoned, 'cancel');
    for (const campaign of [delivered, middle]) await until(campaign, 'completed');
    await tell(waiting, 'cancel');
    const halfway = await launch('halfway', 1_000, { delay: 'PT1S' });
    await untilSent(db, halfway, 200);
    worker.signal('SIGTERM');
    await worker.ended;
    await stack.takeAway('Temporal');
    stack.restoreTemporal();
    await stack.giveBack('Temporal');
    const successor = await stack.startWorker({ SMTP_URL: mail.url });

    for (const campaign of [delivered, middle, halfway, toCome, resumed, asleep]) {
      await until(campaign, 'completed');
      await expectAllSent(stack, db, api, campaign);
      expectMailboxes(copiesFor(mail, campaign), campaign, 0);
    }
    await eventually('everybody who waited is recorded', async () => {
      return (await ledgerOf(db, waiting.scheduleId))['cancelled'] === FEW;
    });
    for (const campaign of [abandoned, waiting]) expect(copiesFor(mail, campaign)).toEqual([]);
    expect(await ledgerOf(db, abandoned.scheduleId)).toEqual({});
    // The backup knew it as paused, waiting for a command: that it was cancelled is told again.
    await eventually(
      'no workflow waits for a command that was given before',
      async () => (await statusOf(scheduleWorkflowId(abandoned.scheduleId))) === 'COMPLETED',
    );
    await eventually('the steward notices', async () => noticed(await metricsOf(successor)), {
      withinMs: 90_000,
      everyMs: 250,
    });
    successor.signal('SIGTERM');
    expect(await successor.ended).toBe('code 0');
  });
});
