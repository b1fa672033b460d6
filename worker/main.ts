import { createActivities } from '../activities';
import { closeChannels, createChannels } from '../channels/registry';
import { loadConfig } from '../platform/config';
import { createKeyRing } from '../platform/crypto';
import { createDataConverter } from '../platform/data-converter';
import { createLogger } from '../platform/logger';
import { createMetrics } from '../platform/metrics';
import { loadZones } from '../platform/zones';
import { openDatabase } from '../store/database';
import { WORKFLOW_BUNDLE } from './bundle-path';
import { serveMetrics } from './metrics-server';
import { pause } from './pause';
import { installRuntime } from './runtime';
import { connectWorker } from './temporal';
import { createSundialWorker } from './worker';

/**
 * One worker process, until SIGTERM or SIGINT: then it takes no further page, lets those in flight hand back what
 * they have not sent, and ends. Metrics are served from when it polls.
 */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  installRuntime(logger);

  const zones = loadZones(config.zoneDataPath);
  const metrics = createMetrics();
  const channels = createChannels(config);
  const db = openDatabase(config.databaseUrl);
  const keyRing = createKeyRing(config.encryptionKeys);
  const activities = createActivities({
    db,
    zones,
    channels,
    metrics,
    logger,
    keyRing,
    clock: Date.now,
    random: Math.random,
    sleep: pause,
  });

  const connected = await connectWorker(
    config.temporalAddress,
    (connection) =>
      createSundialWorker({
        connection,
        activities,
        dataConverter: createDataConverter(keyRing, logger),
        workflowBundle: { codePath: WORKFLOW_BUNDLE },
      }),
    { logger, stop: stop.signal },
  );
  if (connected !== undefined) {
    const { worker, connection } = connected;
    const server = await serveMetrics(metrics.registry, config.workerMetricsPort);
    logger.info({ zoneData: zones.version, metricsPort: server.port }, 'the worker polls');
    await worker.runUntil(aborted(stop.signal));
    await server.close();
    await connection.close();
  }
  await closeChannels(channels);
  await db.close();
  logger.info('the worker has ended');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

main().catch((error: unknown) => {
  createLogger('worker', 'fatal').fatal({ err: error }, 'the worker ended on an error');
  process.exit(1);
});
