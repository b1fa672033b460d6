import { createServer } from 'node:http';
import { pino } from 'pino';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { createApp } from '../../api/app';
import type { ApiDeps } from '../../api/deps';
import { hashOf, newApiKey } from '../../api/auth/api-key';
import type { Role, Scope } from '../../api/auth/principal';
import { ROLE_SCOPES } from '../../api/auth/principal';
import { newId } from '../../platform/new-id';
import { createKeyRing } from '../../platform/crypto';
import { createApiMetrics } from '../../platform/metrics';
import { loadZones } from '../../platform/zones';
import { createApiKey } from '../../store/api-keys';
import { openDatabase } from '../../store/database';
import { createContainerCache } from '../../store/messages/container-cache';
import { createTenant } from '../../store/tenants';
import { freshDatabase } from '../database';
import { isJson } from './conformance';
import { watchAnswers } from './watch';

/** An answer of the API; `body` is parsed JSON, or text, or undefined when there is none. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into answers of every shape; the conformance check has already held the shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface Call {
  readonly body?: unknown;
  readonly rawBody?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

export type Send = (method: string, path: string, call?: Call) => Promise<TestAnswer>;

export interface TestService {
  readonly deps: ApiDeps;
  readonly url: string;
  /** As the administrator of the default tenant. */
  readonly admin: Send;
  /** Without any credential. */
  readonly anonymous: Send;
  /** With this credential in the Authorization header. */
  as(authorization: string): Send;
  /** With a new key of a role, in the default tenant unless said otherwise. */
  withRole(role: Role, options?: { scopes?: Scope[]; tenantId?: number }): Promise<Send>;
  /** A tenant of its own, with an ADMIN key. */
  otherTenant(defaultTimeZone?: string): Promise<{ tenantId: number; send: Send }>;
  readonly clock: { now: number };
  /** Every line that was logged. */
  readonly log: string[];
  /** How often a command was announced. */
  readonly announced: { count: number };
  /** The described answers that were given (see `Watch`). */
  readonly seen: ReadonlySet<string>;
  stop(): Promise<void>;
}

export const ADMIN_KEY = 'test-admin-key-0123456789';

/** The real app on a port and a database of its own. Every answer is held to `GET /openapi.json`, whoever asks. */
export async function startService(overrides: Partial<ApiDeps> = {}): Promise<TestService> {
  const database = await freshDatabase();
  const db = openDatabase(database.url, { maxConnections: 5 });
  const clock = { now: Date.parse('2026-11-20T12:00:00Z') };
  const announced = { count: 0 };
  const log: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => log.push(line) });
  const deps: ApiDeps = {
    db,
    zones: loadZones(),
    keyRing: createKeyRing([{ id: 'test', key: randomBytes(32) }]),
    temporal: { ping: () => Promise.resolve() },
    redis: { ping: () => Promise.resolve('PONG') },
    smtp: { ping: () => Promise.resolve() },
    leaving: new AbortController().signal,
    config: {
      adminKey: ADMIN_KEY,
      temporalUiUrl: 'http://temporal.test',
      importMaxBytes: 10_000_000,
      webhook: null,
    },
    clock: () => clock.now,
    logger,
    metrics: createApiMetrics(),
    containers: createContainerCache(),
    messagesWritten: () => undefined,
    commandWritten: () => {
      announced.count += 1;
    },
    ...overrides,
  };
  const server = createServer(createApp(deps));
  const watch = watchAnswers(server, deps);
  server.listen(0, '127.0.0.1');
  // A busy machine may leave a connection idle for longer than Node's 5 s, just when it is used again.
  server.keepAliveTimeout = 60_000;
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;
  const sender =
    (authorization: string | null): Send =>
    async (method, path, { body, rawBody, headers = {} } = {}) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(authorization !== null && { Authorization: authorization }),
          ...((body !== undefined || rawBody !== undefined) && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: rawBody ?? (body === undefined ? null : JSON.stringify(body)),
      });
      const text = await response.text();
      const mediaType = response.headers.get('content-type');
      watch.check();
      const parsed = mediaType === null || method === 'HEAD' ? undefined : bodyOf(mediaType, text);
      return { status: response.status, headers: response.headers, body: parsed };
    };

  const defaultTenant = await db.prisma.tenant.findFirstOrThrow();

  async function withRole(role: Role, options: { scopes?: Scope[]; tenantId?: number } = {}): Promise<Send> {
    const { key, prefix } = newApiKey();
    await createApiKey(db, options.tenantId ?? defaultTenant.id, {
      id: newId('key', clock.now),
      name: role,
      role,
      scopes: options.scopes ?? [...ROLE_SCOPES[role]],
      prefix,
      hash: hashOf(key),
      createdBy: 'test',
      createdAt: new Date(clock.now),
    });
    return sender(`Bearer ${key}`);
  }

  return {
    deps,
    url,
    admin: sender(`Bearer ${ADMIN_KEY}`),
    anonymous: sender(null),
    as: sender,
    withRole,
    async otherTenant(defaultTimeZone = 'UTC') {
      const tenant = await createTenant(db, { name: `other-${newId('key', clock.now)}`, defaultTimeZone });
      return { tenantId: tenant.id, send: await withRole('ADMIN', { tenantId: tenant.id }) };
    },
    clock,
    log,
    announced,
    seen: watch.seen,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await db.close();
      await database.drop();
      watch.check();
    },
  };
}

function bodyOf(mediaType: string, text: string): unknown {
  return isJson(mediaType) ? JSON.parse(text) : text;
}
