import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { pino } from 'pino';
import type { Config } from '../platform/config';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { eventually } from '../test/eventually';
import { stack } from '../test/stack';
import { startApi } from './server';

let database: FreshDatabase;
let config: Config;
beforeAll(async () => {
  database = await freshDatabase();
  config = {
    port: 0,
    databaseUrl: database.url,
    redisUrl: stack().redis,
    redisMode: 'single',
    temporalAddress: stack().temporal,
    smtpFallbackUrls: [],
    smtpUrl: stack().smtp,
    mailFrom: 'Sundial <sundial@localhost>',
    webhook: null,
    noopFaults: null,
    ratesPerSecond: {},
    adminKey: 'an-admin-key-for-tests',
    encryptionKeys: [{ id: 'k1', key: randomBytes(32) }],
    defaultTimeZone: 'Asia/Kathmandu',
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
});
afterAll(() => database.drop());

const logger = pino({ level: 'silent' });

describe('the API process', () => {
  it('is ready with real parts, lives by the configured zone, and stops when asked', async () => {
    const api = await startApi(config, logger);
    const url = `http://127.0.0.1:${api.port}`;
    await eventually('ready', async () => (await fetch(`${url}/readyz`)).status === 200);
    const put = await fetch(`${url}/v1/recipients/ada`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${config.adminKey}`, 'Content-Type': 'application/json' },
      body: '{}',
    });
    expect(await put.json()).toMatchObject({ effectiveTimeZone: 'Asia/Kathmandu' });
    await api.stop();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('finishes what is in flight when it stops', async () => {
    const api = await startApi(config, logger);
    const slow = new Client({ connectionString: database.url });
    await slow.connect();
    await slow.query('begin');
    await slow.query('lock table recipient in access exclusive mode');
    const answer = fetch(`http://127.0.0.1:${api.port}/v1/recipients`, {
      headers: { Authorization: `Bearer ${config.adminKey}` },
    });
    await eventually('the request waits for the table', async () => {
      const { rows } = await slow.query(
        `select 1 from pg_locks where not granted and relation = 'recipient'::regclass`,
      );
      return rows.length > 0;
    });
    const stopped = api.stop();
    await slow.query('rollback');
    await slow.end();
    expect((await answer).status).toBe(200);
    await stopped;
  });

  it('says that it is leaving, and serves for as long as it was told to', async () => {
    const api = await startApi({ ...config, shutdownDrainMs: 3_000 }, logger);
    const url = `http://127.0.0.1:${api.port}`;
    await eventually('ready', async () => (await fetch(`${url}/readyz`)).status === 200);
    const asked = performance.now();
    const stopped = api.stop();
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, expect.objectContaining({ status: 'leaving' })]);
    const answer = await fetch(`${url}/v1/recipients`, {
      headers: { Authorization: `Bearer ${config.adminKey}` },
    });
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    await stopped;
    expect(performance.now() - asked).toBeGreaterThanOrEqual(2_900);
  });

  it('starts and accepts while Temporal and Redis are away', async () => {
    const away = { ...config, temporalAddress: '127.0.0.1:1', redisUrl: 'redis://127.0.0.1:1' };
    const api = await startApi(away, logger);
    const url = `http://127.0.0.1:${api.port}`;
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      503,
      expect.objectContaining({ down: ['redis', 'temporal'] }),
    ]);
    const created = await fetch(`${url}/v1/schedules`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${config.adminKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'x', channel: 'noop', content: { body: 'b' }, delay: 'P1D' }),
    });
    expect(created.status).toBe(201);
    await api.stop();
  });

  it('does not start with a default zone that is none', async () => {
    const wrong = { ...config, defaultTimeZone: 'Kathmandu' };
    await expect(startApi(wrong, logger)).rejects.toThrow(/did you mean Asia\/Kathmandu/);
  });
});
