import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { Worker } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { createApp } from '../../api/app';
import type { ApiDeps } from '../../api/deps';
import { startCommands } from '../../api/commands';
import { startJobStarts } from '../../api/job-starts';
import type { Channel } from '../../channels/channel';
import { createSmtpChannel } from '../../channels/smtp';
import { createMessageNudge } from '../../commands/message-nudge';
import { createTellMessages } from '../../commands/tell-messages';
import type { Instant } from '../../domain/time/instant';
import type { Zones } from '../../domain/time/zones';
import { createKeyRing } from '../../platform/crypto';
import type { KeyRing } from '../../platform/crypto';
import { createLogger } from '../../platform/logger';
import { createApiMetrics, createWorkerMetrics } from '../../platform/metrics';
import { createContainerCache } from '../../store/messages/container-cache';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { jobWorkflowId, occurrenceWorkflowId, scheduleWorkflowId, WORKFLOW } from '../../workflows/contract';
import { pause } from '../../worker/pause';
import { watchAnswers } from '../api/watch';
import { connectedRedis, placesOver } from '../places';
import { stack } from '../stack';
import { testWorkers } from '../workflows/workflow-bundle';

const ADMIN_KEY = 'end-to-end-admin-key';

/** Where links from the Web UI lead. */
export const PUBLIC_URL = 'https://sundial.example.com';

const keyRing = createKeyRing([{ id: 'k1', key: randomBytes(32) }]);

export interface Answer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read the JSON of many routes
  body: any;
}

/** API and worker in this process, over the real servers of the stack. */
export interface Sundial {
  readonly db: Database;
  /** For people who are put straight into Postgres. */
  readonly keyRing: KeyRing;
  /** Where the API answers. */
  readonly url: string;
  readonly adminKey: string;
  /** A request with the administrator's key, over HTTP. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a file, and reads the JSON of the answer. */
  upload(path: string, mediaType: string, file: string | Buffer<ArrayBuffer>): Promise<Answer>;
  /** The text of an answer that is no JSON. */
  text(path: string): Promise<string>;
  importWorkflow(jobId: string): WorkflowHandle;
  scheduleWorkflow(scheduleId: string): WorkflowHandle;
  occurrenceWorkflow(scheduleId: string, nominal: string): WorkflowHandle;
  startWorker(): Promise<void>;
  /** As SIGTERM does it: pages in flight hand back what they have not sent. */
  stopWorker(): Promise<void>;
  /** As Ctrl-C does it: the API and then the worker. */
  stop(): Promise<void>;
}

export interface SundialSetting {
  databaseUrl: string;
  /** One a test: workers of other tests listen on the same server. */
  taskQueue: string;
  zones: Zones;
  /** What the clocks of API and activities show; the real time by default. Timers are Temporal's all the same. */
  clock?: () => Instant;
  /** Lets a test stand between the pages and the real mail server. */
  aroundEmail?: (email: Channel) => Channel;
}

export async function openSundial(setting: SundialSetting): Promise<Sundial> {
  const { databaseUrl, taskQueue, zones, clock = Date.now, aroundEmail = (email) => email } = setting;
  const addresses = stack();
  const logger = createLogger('test', 'silent');
  const db = openDatabase(databaseUrl);

  const connection = await Connection.connect({ address: addresses.temporal });
  const temporal = new Client({
    connection,
    interceptors: {
      workflow: [
        {
          signalWithStart: (input, next) => next({ ...input, options: { ...input.options, taskQueue } }),
          start: (input, next) => next({ ...input, options: { ...input.options, taskQueue } }),
        },
      ],
    },
  });
  const commands = startCommands({ db, temporal, logger, clock });
  const jobStarts = startJobStarts({ db, temporal, logger, clock });
  const nudge = createMessageNudge({ tell: createTellMessages({ temporal, logger, taskQueue }), clock });
  const deps: ApiDeps = {
    db,
    zones,
    keyRing,
    temporal: { ping: () => Promise.resolve() },
    redis: { ping: () => Promise.resolve('PONG') },
    smtp: { ping: () => Promise.resolve() },
    leaving: new AbortController().signal,
    config: {
      adminKey: ADMIN_KEY,
      temporalUiUrl: addresses.temporalUi,
      importMaxBytes: 100_000_000,
      webhook: null,
    },
    clock,
    logger,
    metrics: createApiMetrics(),
    containers: createContainerCache(),
    messagesWritten: nudge.written,
    commandWritten: () => {
      commands.written();
      jobStarts.written();
    },
  };
  const server = createServer(createApp(deps));
  const watch = watchAnswers(server, deps);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const email = createSmtpChannel({ url: addresses.smtp, from: 'Sundial <sundial@example.com>' });
  const channels = new Map([['email', [aroundEmail(email)]]] as const);
  const redis = await connectedRedis(addresses.redis);
  const activities = createActivities({
    db,
    zones,
    channels,
    keyRing,
    places: placesOver(db, redis, clock),
    clock,
    random: Math.random,
    sleep: pause,
    metrics: createWorkerMetrics(),
    logger,
    publicUrl: PUBLIC_URL,
  });
  const native = await NativeConnection.connect({ address: addresses.temporal });
  let stopped = false;
  let running: { workers: readonly Worker[]; ended: Promise<unknown> } | undefined;

  async function stopWorker(): Promise<void> {
    for (const worker of running?.workers ?? []) worker.shutdown();
    await running?.ended;
    running = undefined;
  }

  return {
    db,
    keyRing,
    url: `http://127.0.0.1:${port}`,
    adminKey: ADMIN_KEY,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      watch.check();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async upload(path, mediaType, file) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': mediaType },
        body: file,
      });
      return { status: response.status, body: await response.json() };
    },
    async text(path) {
      const headers = { authorization: `Bearer ${ADMIN_KEY}` };
      return (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).text();
    },
    importWorkflow: (jobId) => temporal.workflow.getHandle(jobWorkflowId(WORKFLOW.import, jobId)),
    scheduleWorkflow: (scheduleId) => temporal.workflow.getHandle(scheduleWorkflowId(scheduleId)),
    occurrenceWorkflow: (scheduleId, nominal) =>
      temporal.workflow.getHandle(occurrenceWorkflowId(scheduleId, nominal)),
    async startWorker() {
      const workers = await testWorkers({ connection: native, activities, taskQueue, shutdownGraceMs: 100 });
      running = { workers, ended: Promise.all(workers.map((worker) => worker.run())) };
    },
    stopWorker,
    async stop() {
      if (stopped) return;
      stopped = true;
      await new Promise((resolve) => server.close(resolve));
      await commands.stop();
      await jobStarts.stop();
      nudge.stop();
      await stopWorker();
      await connection.close();
      await native.close();
      await email.close();
      redis.disconnect();
      await db.close();
      watch.check();
    },
  };
}
