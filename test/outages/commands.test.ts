import type { WorkflowHandle } from '@temporalio/client';
import { createDataConverter } from '../../platform/data-converter';
import { createLogger } from '../../platform/logger';
import { connectTemporal } from '../../platform/temporal';
import type { TemporalClient } from '../../platform/temporal';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { pause } from '../../worker/pause';
import { scheduleWorkflowId } from '../../workflows/contract';
import { eventually } from '../eventually';
import {
  expectAllSent,
  launchCampaign,
  postCampaign,
  seedAudience,
  untilSent,
  untilStatus,
} from './campaign';
import { call } from './client';
import { leasesThatRun, ledgerOf } from './ledger';
import { expectMailboxes, startGatedMailServer } from './mailbox';
import type { GatedMailServer } from './mailbox';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';
import { startSilentServer } from './silent-server';

jest.setTimeout(240_000);

/** Makes 2,000 mails over 20 connections take seven seconds. */
const SLOW_PROVIDER_MS = 70;

let stack: OwnStack;
let db: Database;
let temporal: TemporalClient;
let mail: GatedMailServer;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  const dataConverter = createDataConverter(stack.keyRing, createLogger('test', 'silent'));
  temporal = connectTemporal(stack.addresses.temporal, dataConverter);
  mail = await startGatedMailServer(() => pause(SLOW_PROVIDER_MS));
});

afterAll(async () => {
  await temporal.close();
  await db.close();
  await stack.end();
  await mail.close();
});

const command = (api: OwnApi, scheduleId: string, name: string): Promise<{ status: number }> =>
  call(stack, api, 'POST', `/v1/schedules/${scheduleId}/${name}`);

describe('an API that is killed between commit and signal', () => {
  it('leaves a schedule that fires, and a message that is sent', async () => {
    const silent = await startSilentServer();
    const doomed = await stack.startApi({ TEMPORAL_ADDRESS: silent.address });
    const addresses = await seedAudience(stack, db, 'between', 5);
    const { status, body } = await postCampaign(stack, doomed, 'between');
    expect(status).toBe(201);
    // The call to Temporal is under way, and the command in this API's hands.
    await eventually('the API calls Temporal', () => silent.called() > 0);
    await eventually('the command is held', async () => (await untold(body.id)).held === 1);
    const message = {
      recipient: 'between-0',
      channel: 'email',
      content: { subject: 'Yours', body: 'Here it is.' },
    };
    const accepted = await call(stack, doomed, 'POST', '/v1/messages', {
      ...message,
      category: 'transactional',
    });
    doomed.signal('SIGKILL');
    expect(await doomed.ended).toBe('SIGKILL');
    expect(accepted.status).toBe(202);
    expect(await untold(body.id)).toMatchObject({ commands: 1 });
    await silent.close();

    const [worker, api] = await Promise.all([stack.startWorker({ SMTP_URL: mail.url }), stack.startApi()]);
    const campaign = { scheduleId: body.id, addresses };
    await untilStatus(stack, api, campaign, 'completed');
    await expectAllSent(stack, db, api, campaign);
    await eventually(
      'the message that nobody was told of is sent',
      async () => (await call(stack, api, 'GET', `/v1/messages/${accepted.body.id}`)).body.status === 'sent',
      { withinMs: 60_000 },
    );
    // Beside the campaign's copy: a message of its own.
    expect(copiesTo('between')).toHaveLength(addresses.length + 1);
    for (const resident of [worker, api]) {
      resident.signal('SIGTERM');
      expect(await resident.ended).toBe('code 0');
    }
  });
});

/** Commands of a schedule that no workflow has been told of, and how many of them a process has in hand. */
async function untold(scheduleId: string): Promise<{ commands: number; held: number }> {
  const query = 'select id from outbox where schedule_id = $1 and done_at is null';
  const all = await db.pool.query(query, [scheduleId]);
  const free = await db.pool.query(`${query} for update skip locked`, [scheduleId]);
  const commands = all.rowCount ?? 0;
  return { commands, held: commands - (free.rowCount ?? 0) };
}

const copiesTo = (name: string): GatedMailServer['copies'] =>
  mail.copies.filter(({ address }) => address.endsWith(`@${name}.example.com`));

describe('with two API processes and a worker', () => {
  let first: OwnApi;
  let second: OwnApi;

  beforeAll(async () => {
    [first, second] = await Promise.all([stack.startApi(), stack.startApi()]);
    await stack.startWorker({ SMTP_URL: mail.url });
  });

  it.each(['completed', 'cancelled'])(
    'a command that comes late to a %s schedule ends at once and changes nothing',
    async (status) => {
      const name = `late-${status}`;
      const fields = status === 'cancelled' ? { delay: 'PT1H' } : {};
      const campaign = await launchCampaign(stack, db, first, name, 3, fields);
      if (status === 'cancelled') await command(first, campaign.scheduleId, 'cancel');
      await untilStatus(stack, first, campaign, status);
      const workflow = temporal.client.workflow.getHandle(scheduleWorkflowId(campaign.scheduleId));
      await expect(workflow.result()).resolves.toEqual({ status });
      const before = await standing(workflow, campaign.scheduleId);

      // What a process leaves behind that died after its signal and before it noted that.
      await db.pool.query(
        'insert into outbox (tenant_id, schedule_id, version, created_at) values (1, $1, 1, $2)',
        [campaign.scheduleId, new Date()],
      );
      await eventually('the closed workflow is started once more', async () => {
        const { runId } = await standing(workflow, campaign.scheduleId);
        return runId !== before.runId;
      });
      await expect(workflow.result()).resolves.toEqual({ status });
      expect(await standing(workflow, campaign.scheduleId)).toEqual({
        ...before,
        runId: expect.any(String),
      });
      expect(copiesTo(name)).toHaveLength(status === 'completed' ? 3 : 0);
    },
  );

  it('pause races resume: the workflow obeys what was committed last', async () => {
    const campaign = await launchCampaign(stack, db, first, 'race', 2_000);
    const { scheduleId } = campaign;
    await untilSent(db, campaign, 100);
    const occurrence = async (): Promise<WorkflowHandle> => {
      const { body } = await call(stack, first, 'GET', `/v1/schedules/${scheduleId}/occurrences`);
      return temporal.client.workflow.getHandle(
        `${scheduleWorkflowId(scheduleId)}/at/${body.items[0].nominal}`,
      );
    };

    await raceUntil(scheduleId, 'paused');
    const workflow = await occurrence();
    await eventually('the workflow has paused', async () => {
      const { searchAttributes } = await workflow.describe();
      return (
        searchAttributes['SundialState']?.[0] === 'paused' && (await leasesThatRun(db, scheduleId)) === 0
      );
    });
    const { sent = 0 } = await ledgerOf(db, scheduleId);
    expect(sent).toBeLessThan(campaign.addresses.length);
    expect(copiesTo('race')).toHaveLength(sent);

    await raceUntil(scheduleId, 'running');
    await untilStatus(stack, second, campaign, 'completed');
    await expectAllSent(stack, db, second, campaign);
    expectMailboxes(copiesTo('race'), campaign, 0);
  });

  /** Has one process pause and the other one resume at once, until what was committed last is what is wanted. */
  async function raceUntil(scheduleId: string, wanted: 'paused' | 'running'): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      const answers = await Promise.all([
        command(first, scheduleId, 'pause'),
        command(second, scheduleId, 'resume'),
      ]);
      expect([202, 409]).toEqual(expect.arrayContaining(answers.map(({ status }) => status)));
      const { body } = await call(stack, first, 'GET', `/v1/schedules/${scheduleId}/audit?limit=1`);
      const current = await call(stack, second, 'GET', `/v1/schedules/${scheduleId}`);
      expect(current.body.status).toBe(body.items[0].payloadDiff.to.status);
      if (round >= 5 && current.body.status === wanted) return;
    }
    throw new Error(`Never ${wanted} in a hundred rounds.`);
  }
});

/** What a late command could have changed. */
async function standing(workflow: WorkflowHandle, scheduleId: string): Promise<Record<string, unknown>> {
  const { runId } = await workflow.describe();
  const { rows } = await db.pool.query(
    'select status, version, updated_at, next_run_at, archived_at from schedule where id = $1',
    [scheduleId],
  );
  return { runId, schedule: rows, ledger: await ledgerOf(db, scheduleId) };
}
