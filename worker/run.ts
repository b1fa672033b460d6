import { randomUUID } from 'node:crypto';
import { createActivities } from '../activities';
import { createStewardActivities } from '../activities/steward';
import { closeChannels, createChannels } from '../channels/registry';
import { createAskLiveness } from '../commands/liveness';
import { createTell } from '../commands/tell';
import type { Config } from '../platform/config';
import { createKeyRing } from '../platform/crypto';
import { createDataConverter } from '../platform/data-converter';
import type { Logger } from '../platform/logger';
import { createWorkerMetrics } from '../platform/metrics';
import { createStewardMetrics } from '../platform/steward-metrics';
import { openRedisClient } from '../platform/redis';
import { connectTemporal } from '../platform/temporal';
import { loadZones } from '../platform/zones';
import { createPlaces } from '../store/caps/places';
import { openDatabase } from '../store/database';
import { createSharedPace } from '../store/pace/shared-pace';
import { createGuard } from './guards';
import { serveMetrics } from './metrics-server';
import { pause } from './pause';
import { createRetelling } from './retelling';
import { keepStewards } from './stewards';
import { connectWorker, pollUntilStopped } from './temporal';
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
  const db = openDatabase(config.databaseUrl);
  const redis = openRedisClient(config.redisUrl, config.redisMode);
  const shared = createSharedPace(redis);
  const guard = createGuard({ config, shared, clock: Date.now, metrics, logger });
  const channels = createChannels(config, guard);
  const places = createPlaces({ db, redis, clock: Date.now, newEpoch: () => randomUUID().slice(-12) });
  const keyRing = createKeyRing(config.encryptionKeys);
  const activities = createActivities({
    db,
    zones,
    channels,
    keyRing,
    places,
    clock: Date.now,
    random: Math.random,
    sleep: pause,
    metrics,
    logger,
    publicUrl: config.publicUrl,
  });
  const dataConverter = createDataConverter(keyRing, logger);
  const temporal = connectTemporal(config.temporalAddress, dataConverter);
  const { taskQueue } = worker;
  const duties = createStewardActivities({
    db,
    tell: createTell({ temporal: temporal.client, logger, ...(taskQueue !== undefined && { taskQueue }) }),
    askLiveness: createAskLiveness(temporal.client),
    clock: Date.now,
    logger,
    metrics: createStewardMetrics(metrics.registry),
    ledgerDays: config.ledgerDays,
  });
  const connect = () =>
    connectWorker(
      config.temporalAddress,
      (connection) =>
        createSundialWorker({
          ...worker,
          connection,
          activities: { ...activities, ...duties },
          dataConverter,
        }),
      { logger, stop },
    );
  const first = await connect();
  if (first !== undefined) {
    const server = await serveMetrics(metrics.registry, config.workerMetricsPort);
    logger.info({ zoneData: zones.version, metricsPort: server.port }, 'the worker polls');
    const retelling = createRetelling({ db, logger });
    await retelling.begin().catch(() => undefined);
    const keeping = keepStewards({ temporal: temporal.client, retelling, logger, taskQueue, stop });
    await pollUntilStopped(first, connect, { logger, stop });
    await keeping;
    await server.close();
  }
  await temporal.close();
  redis.disconnect();
  await closeChannels(channels);
  await db.close();
}
