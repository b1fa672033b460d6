import { randomBytes } from 'node:crypto';
import { createKeyRing } from '../../platform/crypto';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import type { KeyRing } from '../../platform/crypto';
import type { Database } from '../../store/database';
import { holdKey, idOfKey } from '../../store/idempotency';
import { inTransaction } from '../../store/transaction';
import { documentOf } from '../../test/api/conformance';
import type { OpenApiDocument } from '../../test/api/conformance';
import { createResources, exampleCalls, operationsOf } from '../../test/api/requests';
import type { Described } from '../../test/api/requests';
import { ADMIN_KEY, startService } from '../../test/api/service';
import type { Call, Send, TestAnswer, TestService } from '../../test/api/service';
import { routesOf } from '../app';
import { ALIASES } from './tags';

jest.setTimeout(180_000);

const MAX_FILE = 50_000;
const ring: { current: KeyRing } = { current: ringOf('first') };
const seen = new Set<string>();
let service: TestService;
let document: OpenApiDocument;
let operations: Described[];
let freshId: (template: string) => Promise<string>;
/** Something that exists, by the part of the path that names its kind. */
const existing = new Map<string, string>();

beforeAll(async () => {
  service = await startService({
    keyRing: new Proxy(ring.current, { get: (_, name) => Reflect.get(ring.current, name) }),
    config: { adminKey: ADMIN_KEY, temporalUiUrl: undefined, importMaxBytes: MAX_FILE, webhook: null },
  });
  document = documentOf(routesOf(service.deps));
  operations = operationsOf(document, ALIASES);
  freshId = createResources(service.admin, document);
  for (const { template, has } of operations) {
    const kind = kindOf(template);
    if (has('path') && !existing.has(kind)) existing.set(kind, await freshId(template));
  }
});
afterAll(() => service.stop());

describe('every example of a request', () => {
  it('is answered with a documented success', async () => {
    for (const operation of operations) {
      for (const call of exampleCalls(operation)) {
        const id = operation.has('path') ? await freshId(operation.template) : undefined;
        const { status, body } = await send(service.admin, operation, aboutSchedule(call, id), id);
        expect([operation.name, status < 300, status, status < 300 || body]).toEqual([
          operation.name,
          true,
          status,
          true,
        ]);
      }
    }
    const post = of('POST /v1/messages');
    const once = withBody(post, { dedupeKey: 'once' });
    expect((await send(service.admin, post, once)).status).toBe(202);
    expect((await send(service.admin, post, once)).status).toBe(200);
    const put = of('PUT /v1/recipients/{id}');
    expect((await send(service.admin, put, {}, 'somebody-new')).status).toBe(201);
  });
});

describe('every documented refusal is given', () => {
  it('401 and 403 to whoever has no business there', async () => {
    const analyst = await service.withRole('ANALYST');
    const writer = await service.withRole('ADMIN', { scopes: ['notification:write'] });
    const reader = await service.withRole('ADMIN', { scopes: ['notification:read'] });
    for (const operation of guarded()) {
      await expectCode(service.anonymous, operation, {}, 'auth.missing');
      await expectCode(service.as('Bearer nobody'), operation, {}, 'auth.invalid');
      await expectCode(service.as('Bearer eyJhbGciOiJub25lIn0.e30.x'), operation, {}, 'auth.jwt-not-built');
      const reads = operation.access === 'notification:read' || operation.method === 'GET';
      await expectCode(reads ? writer : reader, operation, {}, 'auth.scope-missing');
      if (operation.access === 'admin') await expectCode(analyst, operation, {}, 'auth.role-missing');
    }
  });

  it('403 to a marketer who touches what is transactional', async () => {
    const marketer = await service.withRole('MARKETER');
    const transactional = { category: 'transactional' };
    for (const name of [
      'POST /v1/schedules',
      'PUT /v1/schedules/{id}',
      'PATCH /v1/schedules/{id}',
      'POST /v1/templates',
      'PUT /v1/templates/{id}',
      'PATCH /v1/templates/{id}',
    ]) {
      await expectCode(marketer, of(name), withBody(of(name), transactional), 'auth.role-missing');
    }
    await expectCode(
      marketer,
      of('POST /v1/messages'),
      withBody(of('POST /v1/messages'), transactional),
      'auth.role-missing',
    );
    const message = await send(
      service.admin,
      of('POST /v1/messages'),
      withBody(of('POST /v1/messages'), transactional),
    );
    await expectCode(marketer, of('PATCH /v1/messages/{id}'), {}, 'auth.role-missing', message.body.id);
    const draft = await send(service.admin, of('POST /v1/schedules'), {
      ...withBody(of('POST /v1/schedules'), { ...transactional, draft: true }),
    });
    const published = await send(marketer, of('POST /v1/schedules/{id}/publish'), {}, draft.body.id);
    expect(published.body.code).toBe('auth.role-missing');
  });

  it('400, 413, 415 and 422 to a body that cannot be taken', async () => {
    for (const operation of operations.filter(({ body }) => body !== 'none')) {
      const [mediaType = ''] = Object.keys(operation.operation.requestBody?.content ?? {});
      const as = (rawBody: string, headers: Record<string, string> = {}): Call => ({
        rawBody,
        headers: { 'Content-Type': mediaType, ...headers },
      });
      await expectCode(service.admin, operation, { rawBody: '', headers: {} }, 'body.missing');
      const unzipped = as('plain', { 'Content-Encoding': 'gzip' });
      await expectCode(service.admin, operation, unzipped, 'request.malformed');
      const declared = as('x', { 'Content-Type': 'text/plain' });
      await expectCode(service.admin, operation, declared, 'content-type.unsupported');
      const long = operation.body === 'json' ? 1_100_000 : MAX_FILE + 1;
      await expectCode(service.admin, operation, as('7'.repeat(long)), 'body.too-large');
      if (operation.body === 'json') {
        await expectCode(service.admin, operation, as('{'), 'body.malformed');
        await expectCode(service.admin, operation, as('{"\\u0000":1}'), 'request.invalid');
      } else {
        await expectCode(service.admin, operation, as('nobody\n1\n'), 'request.invalid');
      }
    }
  });

  it('400 and 422 to a path or a query that says nothing', async () => {
    for (const operation of operations.filter(({ has }) => has('path'))) {
      await expectCode(service.admin, operation, {}, 'request.malformed', '%zz');
      await expectCode(service.admin, operation, {}, 'request.invalid', 'x'.repeat(300));
    }
    for (const operation of operations.filter(({ has }) => has('query'))) {
      const asking = { ...operation, template: `${operation.template}?nope=1` };
      await expectCode(service.admin, asking, {}, 'request.invalid');
    }
  });

  it('404 to an id that names nothing', async () => {
    for (const operation of operations) {
      const unknown = codesOf(operation).find((code) => code.endsWith('.unknown'));
      if (unknown === undefined) continue;
      const named =
        operation.has('path') || operation.body !== 'none'
          ? operation
          : { ...operation, template: `${operation.template}?scheduleId=nothing` };
      await expectCode(service.admin, named, {}, unknown, 'nothing');
    }
    const letter = { rawBody: JSON.stringify({ id: 'dl_1_1' }) };
    await expectCode(service.admin, of('POST /v1/dead-letters/replay'), letter, 'dead-letter.unknown');
  });

  it('410 to whoever asks for deliveries that were dropped', async () => {
    const id = await freshId('/v1/schedules/{id}');
    await service.deps.db.pool.query(
      `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at, dropped_at)
       values (1, $1, 1, 'gone', '2026-12-01', 'completed', now(), now())`,
      [id],
    );
    for (const operation of operations) {
      if (!codesOf(operation).includes('deliveries.dropped')) continue;
      const whose = operation.has('path') ? {} : { scheduleId: id };
      const which = { ...whose, occurrence: 'gone' };
      const asked =
        operation.method === 'GET'
          ? { ...operation, template: `${operation.template}?${new URLSearchParams(which).toString()}` }
          : operation;
      const call = operation.method === 'GET' ? {} : withBody(operation, which);
      await expectCode(service.admin, asked, call, 'deliveries.dropped', id);
    }
  });

  it('412 and 428 to a change that is based on nothing current', async () => {
    for (const operation of operations.filter(({ has }) => has('If-Match'))) {
      await expectCode(service.admin, operation, { headers: { 'If-Match': '"999"' } }, 'version.stale');
      const { 'If-Match': _, ...headers } = exampleCalls(operation)[0]?.headers ?? {};
      const [{ rawBody = '' } = {}] = exampleCalls(operation);
      const blind = await service.admin(operation.method, pathOf(operation), { rawBody, headers });
      expect(blind.body.code).toBe('version.required');
    }
  });

  it('400 and 409 to a key of idempotency that is wrong, held or used', async () => {
    const tenant = await service.deps.db.prisma.tenant.findFirstOrThrow();
    const used = withBody(of('POST /v1/api-keys'), { name: 'the first to use the key' });
    await send(service.admin, of('POST /v1/api-keys'), { ...used, ...keyed('used') });
    await inTransaction(service.deps.db, async (client) => {
      expect(await holdKey(client, idOfKey({ tenantId: tenant.id, actorId: 'admin', key: 'held' }))).toBe(
        true,
      );
      for (const operation of writes()) {
        await expectCode(service.admin, operation, keyed('x'.repeat(300)), 'idempotency.key-invalid');
        await expectCode(service.admin, operation, keyed('held'), 'idempotency.in-progress');
        await expectCode(service.admin, operation, keyed('used'), 'idempotency.mismatch');
      }
    });
  });

  it('409 to what the state forbids', async () => {
    const over = await freshId('/v1/schedules/{id}');
    await service.admin('POST', `/v1/schedules/${over}/cancel`);
    for (const operation of operations) {
      if (codesOf(operation).includes('schedule.state.conflict'))
        await expectCode(service.admin, operation, {}, 'schedule.state.conflict', over);
    }
    const message = await freshId('/v1/messages/{id}');
    await service.deps.db.pool.query(`update pending_message set state = ${MESSAGE_STATE_CODES.claimed}`);
    for (const operation of operations) {
      if (codesOf(operation).includes('message.state.conflict'))
        await expectCode(service.admin, operation, {}, 'message.state.conflict', message);
    }
    const job = await freshId('/v1/jobs/{id}');
    await service.admin('DELETE', `/v1/jobs/${job}`);
    await expectCode(service.admin, of('DELETE /v1/jobs/{id}'), {}, 'job.state.conflict', job);
    const segment = await freshId('/v1/segments/{id}');
    const using = withBody(of('POST /v1/schedules'), { audienceQuery: { segment } });
    expect((await send(service.admin, of('POST /v1/schedules'), using)).status).toBe(201);
    await expectCode(service.admin, of('DELETE /v1/segments/{id}'), {}, 'segment.in-use', segment);
  });

  it('429 to more imports than may run at once', async () => {
    const { send: other } = await service.otherTenant();
    const file = of('POST /v1/recipients/import');
    for (let n = 0; n < 5; n += 1) expect((await send(other, file, {})).status).toBe(202);
    await expectCode(other, file, {}, 'import.too-many');
  });

  it('422 to a template that cannot be rendered', async () => {
    const render = of('POST /v1/templates/{id}/render');
    await expectCode(service.admin, render, withBody(render, { data: {} }), 'render.failed');
  });

  it('500 when a key of the ring is missing', async () => {
    const render = of('POST /v1/templates/{id}/render');
    const person = existing.get('recipients');
    const calls = new Map<string, { call: Call; id: string | undefined }>();
    for (const operation of operations) {
      if (!codesOf(operation).includes('encryption.key-missing')) continue;
      if (!operation.has('Idempotency-Key')) {
        const call = operation.name === render.name ? withBody(render, { recipient: person }) : {};
        calls.set(operation.name, { call, id: undefined });
        continue;
      }
      const call = { headers: { 'Idempotency-Key': operation.name } };
      const id = operation.has('path') ? await freshId(operation.template) : undefined;
      const first = await send(service.admin, operation, call, id);
      expect([operation.name, first.status < 300]).toEqual([operation.name, true]);
      calls.set(operation.name, { call, id });
    }
    const known = ring.current;
    ring.current = ringOf('second');
    try {
      for (const [name, { call, id }] of calls)
        await expectCode(service.admin, of(name), call, 'encryption.key-missing', id);
    } finally {
      ring.current = known;
    }
  });

  it('500 and 503 when Postgres fails', async () => {
    await withService({ db: failing(service.deps.db, new Error('It broke.')) }, async ({ admin }) => {
      for (const operation of guarded()) await expectCode(admin, operation, {}, 'internal');
      await expectCode(admin, of('GET /metrics'), {}, 'internal');
    });
    const away = Object.assign(new Error('It is away.'), { code: 'ECONNREFUSED' });
    await withService({ db: failing(service.deps.db, away) }, async ({ admin }) => {
      for (const operation of guarded()) await expectCode(admin, operation, {}, 'database.unavailable');
      expect((await admin('GET', '/readyz')).status).toBe(503);
    });
  });
});

it('leaves no documented answer that nothing has been answered with', () => {
  const documented = operations.flatMap((operation) => [
    ...Object.keys(operation.operation.responses).flatMap((status) =>
      problemsOf(operation, status).length > 0 ? [] : [`${operation.name} ${status}`],
    ),
    ...Object.keys(operation.operation.responses).flatMap((status) =>
      problemsOf(operation, status).map((code) => `${operation.name} ${status} ${code}`),
    ),
  ]);
  for (const answer of service.seen) seen.add(answer);
  expect(documented.filter((answer) => !seen.has(answer))).toEqual([]);
  expect(documented.length).toBeGreaterThan(400);
});

async function send(as: Send, operation: Described, call: Call, id?: string): Promise<TestAnswer> {
  const [example = {}] = exampleCalls(operation);
  const headers = { ...example.headers, ...call.headers };
  return as(operation.method, pathOf(operation, id), { ...aboutSchedule(example, id), ...call, headers });
}

/** The example with a schedule that exists, or the one that is given, where its body names one. */
function aboutSchedule(example: Call, id: string | undefined): Call {
  const { rawBody } = example;
  if (typeof rawBody !== 'string' || !rawBody.includes('"scheduleId"')) return example;
  const scheduleId = id ?? existing.get('schedules');
  return { ...example, rawBody: JSON.stringify({ ...JSON.parse(rawBody), scheduleId }) };
}

async function expectCode(
  as: Send,
  operation: Described,
  call: Call,
  code: string,
  id?: string,
): Promise<void> {
  const { body, status } = await send(as, operation, call, id);
  expect([operation.name, status, body?.code]).toEqual([operation.name, expect.any(Number), code]);
}

function pathOf({ template }: Described, id: string = existing.get(kindOf(template)) ?? ''): string {
  return template.replace('{id}', id);
}

function kindOf(template: string): string {
  return template.split('/')[2] ?? '';
}

/** The example with other fields in it. */
function withBody(operation: Described, fields: object): Call {
  const [{ rawBody = '{}' } = {}] = exampleCalls(operation);
  return { rawBody: JSON.stringify({ ...JSON.parse(String(rawBody)), ...fields }) };
}

function of(name: string): Described {
  const found = operations.find((operation) => operation.name === name);
  if (!found) throw new Error(`${name} is not described`);
  return found;
}

const guarded = (): Described[] => operations.filter(({ access }) => access !== undefined);
const writes = (): Described[] => operations.filter(({ has }) => has('Idempotency-Key'));

function codesOf(operation: Described): string[] {
  return Object.keys(operation.operation.responses).flatMap((status) => problemsOf(operation, status));
}

function problemsOf({ operation }: Described, status: string): string[] {
  return Object.keys(operation.responses[status]?.content?.['application/problem+json']?.examples ?? {});
}

async function withService(
  overrides: Parameters<typeof startService>[0],
  use: (broken: TestService) => Promise<void>,
): Promise<void> {
  const broken = await startService(overrides);
  try {
    await use(broken);
    for (const answer of broken.seen) seen.add(answer);
  } finally {
    await broken.stop();
  }
}

function failing(db: Database, error: Error): Database {
  const fail = (): never => {
    throw error;
  };
  return {
    pool: new Proxy(db.pool, { get: fail }),
    prisma: new Proxy(db.prisma, { get: fail }),
    close: db.close,
  };
}

function keyed(key: string): Call {
  return { headers: { 'Idempotency-Key': key } };
}

function ringOf(id: string): KeyRing {
  return createKeyRing([{ id, key: randomBytes(32) }]);
}
