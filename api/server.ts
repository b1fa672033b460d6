import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { HOUR } from '../domain/time/instant';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../platform/config';
import type { Config } from '../platform/config';
import { createKeyRing } from '../platform/crypto';
import { createDataConverter } from '../platform/data-converter';
import type { Logger } from '../platform/logger';
import { createMailServerProbe } from '../platform/mail-server';
import { createApiMetrics } from '../platform/metrics';
import { openRedis } from '../platform/redis';
import { connectTemporal } from '../platform/temporal';
import { loadZones } from '../platform/zones';
import { openDatabase } from '../store/database';
import { createMessageNudge } from '../commands/message-nudge';
import { createTellMessages } from '../commands/tell-messages';
import { createContainerCache } from '../store/messages/container-cache';
import { DEFAULT_TENANT, setDefaultTimeZone } from '../store/tenants';
import { createApp } from './app';
import { startCommands } from './commands';
import { startForgetting } from './forgetting';
import { startJobStarts } from './job-starts';
import { createRetiring } from './retiring';

/** How long requests in flight may take once the API does not serve any more. */
const GRACE_MS = 10_000;

/** How long a file may take to come in. JSON has a limit of its own (`http/body`), as has what nobody reads (`http/leftover`). */
const LONGEST_REQUEST_MS = HOUR;
/** Longer than load balancers keep a connection that lies idle: theirs to close, or one would meet a request on it. */
const IDLE_MS = 75_000;

export interface RunningApi {
  readonly port: number;
  /** Says that it is leaving, serves until others have noticed, finishes what is in flight and closes everything. */
  stop(): Promise<void>;
}

/**
 * Opens everything that the API needs and listens. Postgres has to be there; Temporal and Redis may come later.
 * @throws ConfigError when the default time zone is none.
 */
export async function startApi(config: Config, logger: Logger): Promise<RunningApi> {
  const zones = loadZones(config.zoneDataPath);
  if (!zones.has(config.defaultTimeZone)) {
    const hint = zones.suggest(config.defaultTimeZone).join(' or ') || 'UTC';
    throw new ConfigError(`SUNDIAL_DEFAULT_TIME_ZONE is not an IANA zone; did you mean ${hint}?`);
  }
  const db = openDatabase(config.databaseUrl);
  await setDefaultTimeZone(db, DEFAULT_TENANT, config.defaultTimeZone);
  const redis = openRedis(config.redisUrl);
  // Whether Redis answers is what /readyz says; an error without a listener would end the process.
  redis.on('error', () => undefined);
  const keyRing = createKeyRing(config.encryptionKeys);
  const temporal = connectTemporal(config.temporalAddress, createDataConverter(keyRing, logger));
  const clock = Date.now;
  const leaving = new AbortController();
  const forgetting = startForgetting({ db, clock, logger });
  const commands = startCommands({ db, temporal: temporal.client, logger, clock });
  const nudge = createMessageNudge({
    tell: createTellMessages({ temporal: temporal.client, logger }),
    clock,
  });
  const jobStarts = startJobStarts({ db, temporal: temporal.client, logger, clock });
  const app = createApp({
    db,
    zones,
    keyRing,
    temporal,
    redis,
    smtp: createMailServerProbe(config.smtpUrl, clock),
    leaving: leaving.signal,
    config,
    clock,
    logger,
    metrics: createApiMetrics(),
    containers: createContainerCache(),
    messagesWritten: (messages) => nudge.written(messages),
    commandWritten: () => {
      commands.written();
      jobStarts.written();
    },
  });
  const server = createServer(app);
  // Node knows one limit for all routes; that of headers stays at its minute.
  server.requestTimeout = LONGEST_REQUEST_MS;
  server.keepAliveTimeout = IDLE_MS;
  const retiring = createRetiring(server);
  server.listen(config.port);
  await once(server, 'listening');
  const port = portOf(server);
  logger.info({ port, zoneData: zones.version }, 'the API is listening');

  return {
    port,
    async stop() {
      leaving.abort();
      retiring.begin();
      await sleep(config.shutdownDrainMs);
      await retiring.end(GRACE_MS);
      nudge.stop();
      await commands.stop();
      await jobStarts.stop();
      await forgetting.stop();
      redis.disconnect();
      await temporal.close();
      await db.close();
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The API listens on no port.');
  return address.port;
}
