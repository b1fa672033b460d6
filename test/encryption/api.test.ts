import { randomBytes } from 'node:crypto';
import { startApi } from '../../api/server';
import type { RunningApi } from '../../api/server';
import { createLogger } from '../../platform/logger';
import { connectTemporal } from '../../platform/temporal';
import { scheduleWorkflowId } from '../../workflows/contract';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { stack } from '../stack';
import { storedPayloads } from './stored-payloads';

const adminKey = 'an-admin-key-for-encryption';
const temporal = connectTemporal(stack().temporal);
let database: FreshDatabase;
let api: RunningApi;

beforeAll(async () => {
  database = await freshDatabase();
  const { redis, temporal: temporalAddress, smtp } = stack();
  const config = {
    port: 0,
    databaseUrl: database.url,
    redisUrl: redis,
    redisMode: 'single' as const,
    temporalAddress,
    smtpFallbackUrls: [],
    smtpUrl: smtp,
    mailFrom: 'Sundial <sundial@localhost>',
    webhook: null,
    noopFaults: null,
    ratesPerSecond: {},
    adminKey,
    encryptionKeys: [{ id: 'k1', key: randomBytes(32) }],
    defaultTimeZone: 'UTC',
    zoneDataPath: undefined,
    temporalUiUrl: undefined,
    importMaxBytes: 1_000_000,
    ledgerDays: 400,
    shutdownDrainMs: 0,
    publicUrl: undefined,
    workerMetricsPort: 0,
    workerMetricsUrls: [],
    logLevel: 'silent',
  };
  api = await startApi(config, createLogger('test', 'silent'));
});

afterAll(async () => {
  await api.stop();
  await temporal.close();
  await database.drop();
});

async function createSchedule(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${api.port}/v1/schedules`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Digest',
      channel: 'email',
      content: { subject: 'Hello', body: 'You.' },
      audienceQuery: {},
      scheduleType: 'once',
      delay: 'PT1H',
      timeZoneMode: 'fixed',
    }),
  });
  expect(response.status).toBe(201);
  return String(Reflect.get(Object(await response.json()), 'id'));
}

describe('the API', () => {
  it('starts and signals schedules under the first key of the ring', async () => {
    const workflow = temporal.client.workflow.getHandle(scheduleWorkflowId(await createSchedule()));
    const payloads = await eventually('the workflow is started and told to look', async () => {
      const found = await storedPayloads(workflow).catch(() => []);
      return found.filter(({ path }) => path.includes('.input.')).length >= 2 && found;
    });
    await workflow.terminate('the test is over');
    const given = payloads.filter(({ path }) => !path.includes('.searchAttributes.'));
    expect(new Set(given.map(({ encoding, keyId }) => `${encoding} ${keyId}`))).toEqual(
      new Set(['binary/encrypted k1']),
    );
  });
});
