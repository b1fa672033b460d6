import { gzipSync } from 'node:zlib';
import { openDatabase } from '../../store/database';
import { mountedRoutes } from '../../test/api/routes';
import type { MountedRoute } from '../../test/api/routes';
import { ADMIN_KEY, startService } from '../../test/api/service';
import type { Call, TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
let withBody: MountedRoute[];
beforeAll(async () => {
  service = await startService();
  withBody = mountedRoutes(service.deps).filter(({ route }) => route.body);
});
afterAll(() => service.stop());

async function expectEverywhere(call: Call, status: number, code: string): Promise<void> {
  expect(withBody.length).toBeGreaterThan(9);
  for (const { method, path } of withBody) {
    const answer = await service.admin(method, path, call);
    expect([method, path, answer.status, answer.body.code]).toEqual([method, path, status, code]);
  }
}

describe('a body', () => {
  it('400: must be JSON', () => expectEverywhere({ rawBody: '{ "name": ' }, 400, 'body.malformed'));

  it('400: must be there', () => expectEverywhere({}, 400, 'body.missing'));

  it('413: must not be over 1 MB', () =>
    expectEverywhere({ rawBody: `{"name":"${'x'.repeat(1_100_000)}"}` }, 413, 'body.too-large'));

  it('413: is measured after it is unpacked', async () => {
    const rawBody = new Uint8Array(gzipSync(`{"name":"${'x'.repeat(2_000_000)}"}`));
    expect(rawBody.length).toBeLessThan(10_000);
    const call = { rawBody, headers: { 'Content-Encoding': 'gzip' } };
    expect((await service.admin('PUT', '/v1/recipients/x', call)).status).toBe(413);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/xml',
    'json',
  ])('415: must not be %s', (type) =>
    expectEverywhere({ rawBody: '{}', headers: { 'Content-Type': type } }, 415, 'content-type.unsupported'),
  );

  it.each(['latin1', 'utf-16', 'utf-16le', 'utf-32', 'utf-7'])('415: must not be in %s', async (charset) => {
    const headers = { 'Content-Type': `application/json; charset=${charset}` };
    const { status, body } = await service.admin('PUT', '/v1/recipients/x', { rawBody: '{}', headers });
    expect([status, body.code]).toEqual([415, 'content-type.unsupported']);
  });

  it.each([
    ['a byte of Latin-1', [0xe9]],
    ['half a character', [0xe2, 0x82]],
    ['an overlong NUL', [0xc0, 0x80]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('400: must not hold %s, and nothing of it is stored', async (_what, bytes) => {
    const quoted = [...Buffer.from('{"attributes":{"name":"'), ...bytes, ...Buffer.from('"}}')];
    const answer = await service.admin('PUT', '/v1/recipients/broken', { rawBody: new Uint8Array(quoted) });
    expect([answer.status, answer.body.code]).toEqual([400, 'body.malformed']);
    expect((await service.admin('GET', '/v1/recipients/broken')).status).toBe(404);
  });

  it('200: keeps U+FFFD that was sent as such', async () => {
    const call = { body: { attributes: { name: '\ufffd' } } };
    expect((await service.admin('PUT', '/v1/recipients/y', call)).body.attributes.name).toBe('\ufffd');
  });

  it('400: must be compressed as it says', async () => {
    const call = { rawBody: 'not gzip', headers: { 'Content-Encoding': 'gzip' } };
    expect((await service.admin('PUT', '/v1/recipients/x', call)).body.code).toBe('request.malformed');
  });

  it('200: may say its charset, and begin with a blank', async () => {
    const call = { rawBody: ' {}', headers: { 'Content-Type': 'Application/JSON; charset=UTF-8' } };
    expect((await service.admin('PUT', '/v1/recipients/x', call)).status).toBe(201);
  });

  it('400: is not repeated in the answer', async () => {
    const { body } = await service.admin('PUT', '/v1/recipients/x', {
      rawBody: '{"email": secret@example.com}',
    });
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  it('422: must not be nested without end', async () => {
    const rawBody = '['.repeat(100_000) + ']'.repeat(100_000);
    const { status, body } = await service.admin('PUT', '/v1/recipients/x', { rawBody });
    expect([status, body.errors[0].code]).toEqual([422, 'field.too-deep']);
  });
});

describe('a path', () => {
  it.each([
    '/v1/recipients/',
    '/v1/schedules/',
    '/healthz/',
    '/v1',
    '/v1/nothing',
    '/V1/recipients',
    '/v2/schedules',
    '/admin',
  ])('404: %s is no route', async (path) => {
    const { status, body } = await service.anonymous('GET', path);
    expect([status, body.code]).toEqual([404, 'route.unknown']);
  });

  it('405: names the methods that the path has', async () => {
    const answer = await service.admin('DELETE', '/v1/recipients');
    expect([answer.status, answer.body.code]).toEqual([405, 'method.not-allowed']);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expect((await service.admin('POST', '/v1/recipients/x')).headers.get('allow')).toBe(
      'PUT, GET, HEAD, PATCH, DELETE',
    );
  });

  it('400: must be percent-encoded rightly', async () => {
    const { status, body } = await service.admin('GET', '/v1/recipients/%E0%A4%A');
    expect([status, body.code]).toEqual([400, 'request.malformed']);
  });

  it('200: answers HEAD like GET, without a body', async () => {
    const { status, body, headers } = await service.admin('HEAD', '/v1/recipients');
    expect([status, body]).toEqual([200, undefined]);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0);
  });
});

const sendWithId = (id: string): Promise<TestAnswer> =>
  service.admin('GET', '/v1/nothing', { headers: { 'X-Correlation-Id': id } });

describe('X-Correlation-Id', () => {
  it('comes back in the header, in errors and in the log', async () => {
    const answer = await sendWithId('order-42.a_b:c');
    expect(answer.headers.get('x-correlation-id')).toBe('order-42.a_b:c');
    expect(answer.body.correlationId).toBe('order-42.a_b:c');
    expect(service.log.at(-1)).toContain('"correlationId":"order-42.a_b:c"');
  });

  it.each(['has blanks', '<script>', 'x'.repeat(129), "';--"])('is replaced when it is %p', async (id) => {
    expect((await sendWithId(id)).body.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

const sendWithTrace = async (traceparent: string, headers = {}): Promise<string> => {
  const answer = await service.admin('GET', '/v1/nothing', { headers: { traceparent, ...headers } });
  expect(answer.headers.get('x-correlation-id')).toBe(answer.body.correlationId);
  return answer.body.correlationId;
};

describe('traceparent', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  it('gives the id of its trace to a request without a correlation id', async () => {
    expect(await sendWithTrace(`00-${trace}-00f067aa0ba902b7-01`)).toBe(trace);
    expect(await sendWithTrace(`cc-${trace}-00f067aa0ba902b7-01-more`)).toBe(trace);
    expect(await sendWithTrace(`00-${trace}-00f067aa0ba902b7-01`, { 'X-Correlation-Id': 'order-42' })).toBe(
      'order-42',
    );
  });

  it.each([
    `ff-${trace}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    trace,
  ])('is passed over when it is %p', async (traceparent) => {
    expect(await sendWithTrace(traceparent)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });
});

describe('the log and the metrics', () => {
  it('name the route and never what was asked, sent or answered', async () => {
    const body = { email: 'private@example.com', attributes: { secret: 'S3CRET' } };
    await service.admin('PUT', '/v1/recipients/private%40example.com', { body });
    await service.admin('GET', '/v1/recipients/private%40example.com?probe=S3CRET');
    await service.admin('GET', '/private%40example.com');
    const line = JSON.parse(service.log.findLast((text) => text.includes('"PUT"')) ?? '{}');
    expect(line).toMatchObject({ method: 'PUT', route: '/v1/recipients/:id', actor: 'admin', status: 201 });
    const metrics = (await service.anonymous('GET', '/metrics')).body;
    expect(metrics).toMatch(
      /http_request_duration_seconds_count\{method="PUT",route="\/v1\/recipients\/:id",status="201"\} \d/,
    );
    for (const text of [...service.log, metrics]) {
      expect(text).not.toMatch(/private(%40|@)example|S3CRET|Bearer/);
      expect(text).not.toContain(ADMIN_KEY);
    }
  });
});

describe('without Postgres', () => {
  let alone: TestService;
  beforeAll(async () => {
    const db = openDatabase('postgres://nobody@127.0.0.1:1/none', { maxConnections: 1 });
    alone = await startService({ db });
  });
  afterAll(() => alone.stop());

  it('503: every route says so, and when to try again', async () => {
    const guarded = mountedRoutes(alone.deps).filter(({ route }) => route.access !== 'public');
    for (const { method, path } of guarded) {
      for (const send of [alone.admin, alone.as('Bearer sk_some')]) {
        const { status, body, headers } = await send(method, path);
        expect([method, path, status, body.code]).toEqual([method, path, 503, 'database.unavailable']);
        expect(headers.get('retry-after')).toBe('2');
      }
    }
  });

  it('keeps the measurements that do not come from there', async () => {
    const { status, body } = await alone.anonymous('GET', '/metrics');
    expect(status).toBe(200);
    expect(body).toContain('http_request_duration_seconds_bucket');
    expect(body).not.toMatch(/^(notifications_sent_total|schedules_active)[ {]/m);
  });

  it('is unready, and alive', async () => {
    const { status, body } = await alone.anonymous('GET', '/readyz');
    expect([status, body.status, body.down]).toEqual([503, 'unready', ['postgres']]);
    expect((await alone.anonymous('GET', '/healthz')).body).toEqual({ status: 'alive' });
  });
});

describe('an error of our own', () => {
  it('500: tells the correlation id and nothing of the inside', async () => {
    const broken = await startService({
      zones: new Proxy(service.deps.zones, {
        get: (target, name) => {
          if (name === 'has') throw new Error('secret detail of the inside');
          return Reflect.get(target, name);
        },
      }),
    });
    const call = { body: { timeZone: 'UTC' }, headers: { 'X-Correlation-Id': 'find-me' } };
    const { status, body } = await broken.admin('PUT', '/v1/recipients/x', call);
    await broken.stop();
    expect([status, body.code, body.correlationId]).toEqual([500, 'internal', 'find-me']);
    expect(JSON.stringify(body)).not.toContain('secret');
    const logged = broken.log.find((line) => line.includes('request failed'));
    expect(logged).toContain('find-me');
    expect(logged).toContain('http.test.ts');
    expect(logged).not.toContain('secret');
  });
});
