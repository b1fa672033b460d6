import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { Config } from '../platform/config';
import { createLogger } from '../platform/logger';
import { freshDatabase } from '../test/database';
import { stack } from '../test/stack';
import { workflowBundle } from '../test/workflows/workflow-bundle';
import { WORKFLOW, scheduleWorkflowId } from '../workflows/contract';
import { runWorker } from './run';

function configOf(databaseUrl: string): Config {
  const { temporal, redis, smtp } = stack();
  return {
    port: 0,
    databaseUrl,
    redisUrl: redis,
    temporalAddress: temporal,
    smtpUrl: smtp,
    mailFrom: 'Sundial <sundial@example.com>',
    adminKey: 'not-used-by-a-worker',
    encryptionKeys: [{ id: 'k1', key: randomBytes(32) }],
    defaultTimeZone: 'UTC',
    zoneDataPath: undefined,
    temporalUiUrl: undefined,
    workerMetricsPort: 0,
    logLevel: 'silent',
  };
}

describe('a worker process', () => {
  it('works on schedules, serves its metrics, and ends when it is told to', async () => {
    const database = await freshDatabase();
    const taskQueue = randomUUID();
    const stop = new AbortController();
    const logger = createLogger('test', 'silent');
    const polls = new Promise<number>((resolve) => {
      logger.info = (fields: { metricsPort?: number }) => resolve(fields.metricsPort ?? 0);
    });
    const run = runWorker(configOf(database.url), {
      logger,
      stop: stop.signal,
      workflowBundle: await workflowBundle(),
      taskQueue,
    });
    const metricsPort = await polls;

    const connection = await Connection.connect({ address: stack().temporal });
    const scheduleId = randomUUID();
    const end = await new Client({ connection }).workflow.execute(WORKFLOW.schedule, {
      workflowId: scheduleWorkflowId(scheduleId),
      taskQueue,
      args: [{ tenantId: 1, scheduleId }],
    });
    expect(end).toEqual({ status: 'unknown' });
    const metrics = await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
    expect(metrics.status).toBe(200);

    stop.abort();
    await run;
    await expect(fetch(`http://127.0.0.1:${metricsPort}/metrics`)).rejects.toThrow('fetch failed');
    await connection.close();
    await database.drop();
  });
});
