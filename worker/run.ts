import { createActivities } from '../activities';
import { closeChannels, createChannels } from '../channels/registry';
import type { Config } from '../platform/config';
import { createKeyRing } from '../platform/crypto';
import { createDataConverter } from '../platform/data-converter';
import type { Logger } from '../platform/logger';
import { createWorkerMetrics } from '../platform/metrics';
import { loadZones } from '../platform/zones';
import { openDatabase } from '../store/database';
import { serveMetrics } from './metrics-server';
import { pause } from './pause';
import { connectWorker } from './temporal';
import { createSundialWorker } from './worker';
import type { SundialWorkerDeps } from './worker';

export interface Run extends Pick<SundialWorkerDeps, 'workflowBundle' | 'taskQueue'> {
  readonly logger: Logger;
  readonly stop: AbortSignal;
}

/**
 * Runs one worker until `stop`: then it takes no further page, lets those in flight hand back what they have not
 * sent, and closes what it opened. Metrics are served while it polls. Postgres, Temporal and the mail server may
 * be away at the start and come later.
 * @throws when the zone data cannot be read or the port of the metrics is taken.
 */
export async function runWorker(config: Config, { logger, stop, ...worker }: Run): Promise<void> {
  const zones = loadZones(config.zoneDataPath);
  const metrics = createWorkerMetrics();
  const channels = createChannels(config);
  const db = openDatabase(config.databaseUrl);
  const keyRing = createKeyRing(config.encryptionKeys);
  const activities = createActivities({
    db,
    zones,
    channels,
    keyRing,
    clock: Date.now,
    random: Math.random,
    sleep: pause,
    metrics,
    logger,
    publicUrl: config.publicUrl,
  });
  const dataConverter = createDataConverter(keyRing, logger);
  const connected = await connectWorker(
    config.temporalAddress,
    (connection) => createSundialWorker({ ...worker, connection, activities, dataConverter }),
    { logger, stop },
  );
  if (connected !== undefined) {
    const server = await serveMetrics(metrics.registry, config.workerMetricsPort);
    logger.info({ zoneData: zones.version, metricsPort: server.port }, 'the worker polls');
    await connected.worker.runUntil(aborted(stop));
    await server.close();
    await connected.connection.close();
  }
  await closeChannels(channels);
  await db.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
