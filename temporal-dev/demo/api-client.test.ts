import { createServer, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { ApiAway, createApiClient } from './api-client';
import { listAll } from './list-all';
import { assertReady } from './readiness';

interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that gives the same kind of answers as the API, one after the other. */
describe('asking the API', () => {
  const asked: Asked[] = [];
  let answers: [status: number, body: unknown][] = [];
  let api = '';

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
      const [status, value] = answers.shift() ?? [500, 'unexpected'];
      response.writeHead(status).end(value === null ? '' : JSON.stringify(value));
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    api = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  });
  beforeEach(() => {
    asked.length = 0;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const client = () => createApiClient(api, 'the-key');
  const anything = z.unknown();

  it('sends the key, and a body as JSON with the version that it is meant for', async () => {
    answers = [[200, { id: 'x', more: true }]];
    const answer = z.object({ id: z.string() });
    const request = { method: 'PUT', route: '/v1/x', answer, body: { a: 1 }, ifVersion: 3 } as const;
    expect(await client().ask(request)).toEqual({ id: 'x' });
    expect(asked[0]).toMatchObject({
      line: 'PUT /v1/x',
      headers: { authorization: 'Bearer the-key', 'content-type': 'application/json', 'if-match': '"3"' },
      body: '{"a":1}',
    });
  });

  it('throws the detail of a problem', async () => {
    answers = [[403, { title: 'Not allowed', detail: 'No.', code: 'auth.x', correlationId: 'c-1' }]];
    await expect(client().ask({ method: 'GET', route: '/v1/x', answer: anything })).rejects.toThrow(
      'GET /v1/x was answered with 403 Not allowed (auth.x): No.',
    );
  });

  it('tells an API that is away from one that refuses', async () => {
    answers = [[503, { title: 'Away', detail: 'Later.', code: 'database.unavailable', correlationId: 'c' }]];
    const request = { method: 'GET', route: '/v1/x', answer: anything } as const;
    await expect(client().ask(request)).rejects.toThrow(ApiAway);
    await expect(createApiClient('http://127.0.0.1:1', 'k').ask(request)).rejects.toThrow('does not answer');
  });

  it('reads a list page after page', async () => {
    answers = [
      [200, { items: [1, 2], nextCursor: 'n/1' }],
      [200, { items: [3], nextCursor: null }],
    ];
    const items: number[] = [];
    for await (const item of listAll(client(), '/v1/numbers', z.int())) items.push(item);
    expect(items).toEqual([1, 2, 3]);
    expect(asked.map(({ line }) => line)).toEqual([
      'GET /v1/numbers?limit=500',
      'GET /v1/numbers?limit=500&cursor=n%2F1',
    ]);
  });

  it.each([
    ['lacks a part', { down: ['redis', 'temporal'], zoneData: { version: '2026f' } }, /redis and temporal/],
    ['has other zone data', { down: [], zoneData: { version: '2027a' } }, /2027a, the demo on 2026f/],
    ['is something else', { hello: 'world' }, /is not Sundial/],
  ])('goes no further when what runs %s', async (_state, body, reason) => {
    answers = [[200, body]];
    await expect(assertReady(api, '2026f')).rejects.toThrow(reason);
  });

  it('goes on when every part is there', async () => {
    answers = [[200, { down: [], zoneData: { version: '2026f' } }]];
    await expect(assertReady(api, '2026f')).resolves.toBeUndefined();
  });

  it('takes an API that does not answer for a stack that does not run', async () => {
    await expect(assertReady('http://127.0.0.1:1', '2026f')).rejects.toThrow('Sundial is not running');
  });
});
