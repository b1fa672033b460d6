import { randomBytes, randomUUID } from 'node:crypto';
import { DefaultLogger, Runtime, bundleWorkflowCode } from '@temporalio/worker';
import type { Config } from '../platform/config';
import { createKeyRing } from '../platform/crypto';
import { createDataConverter } from '../platform/data-converter';
import { createLogger } from '../platform/logger';
import { connectTemporal } from '../platform/temporal';
import { freshDatabase } from '../test/database';
import { eventually } from '../test/eventually';
import { stack } from '../test/stack';
import { DUTIES, WORKFLOW, scheduleWorkflowId, stewardWorkflowId } from '../workflows/contract';
import { runWorker } from './run';

const quiet = new DefaultLogger('ERROR');
Runtime.install({ logger: quiet });

function configOf(databaseUrl: string): Config {
  const { temporal, redis, smtp } = stack();
  return {
    port: 0,
    databaseUrl,
    redisUrl: redis,
    redisMode: 'single',
    temporalAddress: temporal,
    smtpFallbackUrls: [],
    smtpUrl: smtp,
    mailFrom: 'Sundial <sundial@example.com>',
    webhook: null,
    noopFaults: null,
    ratesPerSecond: {},
    adminKey: 'not-used-by-a-worker',
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
}

describe('a worker process', () => {
  it('works on schedules, serves its metrics, and ends when it is told to', async () => {
    const database = await freshDatabase();
    const workflowsPath = require.resolve('../workflows');
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: quiet });
    const taskQueue = randomUUID();
    const stop = new AbortController();
    const logger = createLogger('test', 'silent');
    const polls = new Promise<number>((resolve) => {
      logger.info = (fields: { metricsPort?: number }) => resolve(fields.metricsPort ?? 0);
    });
    const config = configOf(database.url);
    const run = runWorker(config, {
      logger,
      stop: stop.signal,
      workflowBundle,
      taskQueue,
    });
    const metricsPort = await polls;

    const keyRing = createKeyRing(config.encryptionKeys);
    const withKey = connectTemporal(stack().temporal, createDataConverter(keyRing, logger));
    const withoutKey = connectTemporal(stack().temporal);
    const scheduleId = randomUUID();
    const workflowId = scheduleWorkflowId(scheduleId);
    const end = await withKey.client.workflow.execute(WORKFLOW.schedule, {
      workflowId,
      taskQueue,
      args: [{ tenantId: 1, scheduleId }],
    });
    expect(end).toEqual({ status: 'unknown' });
    await expect(withoutKey.client.workflow.getHandle(workflowId).result()).rejects.toThrow(
      'binary/encrypted',
    );
    const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    expect(metrics.status).toBe(200);
    const stewards = DUTIES.map((duty) => withKey.client.workflow.getHandle(stewardWorkflowId(duty)));
    for (const steward of stewards) {
      await eventually('the stewards run', async () => {
        const described = await steward.describe().catch(() => undefined);
        return described?.status.name === 'RUNNING';
      });
    }

    stop.abort();
    await run;
    for (const steward of stewards) {
      // They belong to the whole server, and nobody will serve ours any more.
      if ((await steward.describe()).taskQueue === taskQueue) await steward.terminate('the test is over');
    }
    await expect(fetch(`http://127.0.0.1:${metricsPort}/metrics`)).rejects.toThrow('fetch failed');
    await withKey.close();
    await withoutKey.close();
    await database.drop();
  });
});
