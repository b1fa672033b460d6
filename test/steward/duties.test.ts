import { createDataConverter } from '../../platform/data-converter';
import { connectTemporal } from '../../platform/temporal';
import type { TemporalClient } from '../../platform/temporal';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { createSchedule } from '../../store/schedules';
import {
  occurrenceWorkflowId,
  scheduleWorkflowId,
  STEWARD_NOW_SIGNAL,
  stewardWorkflowId,
} from '../../workflows/contract';
import type { Duty } from '../../workflows/contract';
import { plainConfig } from '../campaign';
import { eventually } from '../eventually';
import { launchCampaign, seedAudience, untilStatus } from '../outages/campaign';
import { call } from '../outages/client';
import { ledgerOf } from '../outages/ledger';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';
import { localTimeIn } from './story';

jest.setTimeout(240_000);

let stack: OwnStack;
let db: Database;
let api: OwnApi;
let temporal: TemporalClient;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  api = await stack.startApi();
  await stack.startWorker();
  const converter = createDataConverter(stack.keyRing, { error: () => undefined });
  temporal = connectTemporal(stack.addresses.temporal, converter);
});

afterAll(async () => {
  await temporal.close();
  await db.close();
  await stack.end();
});

const workflow = (workflowId: string) => temporal.client.workflow.getHandle(workflowId);

/** The run that lives, or undefined. */
async function livingRun(workflowId: string): Promise<string | undefined> {
  const described = await workflow(workflowId)
    .describe()
    .catch(() => undefined);
  return described?.status.name === 'RUNNING' ? described.runId : undefined;
}

const untilAlive = (workflowId: string): Promise<string> =>
  eventually(`${workflowId} runs`, () => livingRun(workflowId), { withinMs: 150_000, everyMs: 200 });

async function take(duty: Duty): Promise<void> {
  await untilAlive(stewardWorkflowId(duty));
  await workflow(stewardWorkflowId(duty)).signal(STEWARD_NOW_SIGNAL);
}

describe('stewards beside a real stack', () => {
  it('are started again by the worker when somebody ends one', async () => {
    const id = stewardWorkflowId('counters');
    const before = await untilAlive(id);
    await workflow(id).terminate('by hand');
    expect(await untilAlive(id)).not.toBe(before);
  });

  it('find an occurrence whose workflows were terminated, and it goes on', async () => {
    const runAt = localTimeIn(2);
    const waiting = await launchCampaign(stack, db, api, 'terminated', 10, { delay: null, runAt });
    await untilStatus(stack, api, waiting, 'running');
    const { scheduleId } = waiting;
    const both = [scheduleWorkflowId(scheduleId), occurrenceWorkflowId(scheduleId, runAt)];
    for (const id of both) {
      await untilAlive(id);
      await workflow(id).terminate('by hand');
    }
    // As if it had not been opened just now, which would give it a minute of grace.
    await db.pool.query(
      `update occurrence set opened_at = opened_at - interval '5 minutes' where schedule_id = $1`,
      [scheduleId],
    );
    await take('revive');
    for (const id of both) await untilAlive(id);

    await call(stack, api, 'POST', `/v1/schedules/${scheduleId}/cancel`);
    await eventually(
      'everybody is recorded as cancelled',
      async () => (await ledgerOf(db, scheduleId))['cancelled'] === 10,
    );
  });

  it('deliver a command that was committed when no API lives', async () => {
    api.signal('SIGKILL');
    await api.ended;
    await seedAudience(stack, db, 'no-api', 10);
    const id = 'committed-without-an-api';
    const at = new Date();
    const timing = {
      kind: 'once-fixed',
      at: at.toISOString(),
      runAt: null,
      delay: 'PT1S',
      timeZone: null,
      gap: 'forward',
      overlap: 'first',
    } as const;
    const audience = { kind: 'attribute', attribute: 'campaign', op: 'equals', value: 'no-api' } as const;
    const config = { ...plainConfig, timing, audience };
    await createSchedule(db, 1, { id, config, nextRunAt: at, createdBy: 'test' }, at);
    await take('commands');
    await eventually('everybody has been sent to', async () => (await ledgerOf(db, id))['sent'] === 10, {
      withinMs: 150_000,
    });
  });
});
