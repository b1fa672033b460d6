import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { startWebhookEndpoint } from '../test/webhook-endpoint';
import type { WebhookEndpoint, WebhookRequest } from '../test/webhook-endpoint';
import type { Channel } from './channel';
import { CONFORMANCE_RULES } from './conformance';
import { createWebhookChannel } from './webhook';

const CONTEXT = { tenantId: 1, priority: 3 } as const;
const message = { id: 'm1', address: 'cust-0042', subject: 'Hi', body: 'Hello', html: '<b>Hello</b>' };
const [inUse, aboutToGo] = [randomBytes(32), randomBytes(24)];

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function startEndpoint(
  answer?: (response: ServerResponse, request: WebhookRequest) => void,
): Promise<WebhookEndpoint> {
  const endpoint = await startWebhookEndpoint(answer);
  closing.push(() => endpoint.close());
  return endpoint;
}

/** A server that says what no well-behaved one does, once it was spoken to. */
async function startRawServer(spokenTo: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => spokenTo(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

function open(url: string, options: { connections?: number; timeoutMs?: number } = {}): Channel {
  const channel = createWebhookChannel({ url, secrets: [inUse, aboutToGo], timeoutMs: 5_000, ...options });
  closing.push(() => channel.close());
  return channel;
}

function signatureBy(secret: Buffer, { headers, body }: WebhookRequest): string {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
}

describe('the webhook channel', () => {
  it.each(CONFORMANCE_RULES.map((rule) => [rule.name, rule] as const))('%s', async (_, rule) => {
    const endpoint = await startEndpoint();
    const subject = { channel: open(endpoint.url, { connections: 8 }), received: () => endpoint.messages() };
    await expect(rule.check(subject)).resolves.toBeUndefined();
  });

  it("posts a message as JSON that names the person by the customer's own id", async () => {
    const { url, requests } = await startEndpoint();
    await open(url).send(message, CONTEXT);
    const [request] = requests;
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'm1' });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      type: 'message.send',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: {
        messageId: 'm1',
        recipient: 'cust-0042',
        subject: 'Hi',
        body: 'Hello',
        html: '<b>Hello</b>',
      },
    });
  });

  it('signs with every secret, the one in use first, at the second of the attempt', async () => {
    const { url, requests } = await startEndpoint();
    const before = Math.floor(Date.now() / 1_000);
    await open(url).send({ ...message, body: 'Grüße 你好' }, CONTEXT);
    const [request] = requests;
    if (!request) throw new Error('nothing arrived');
    expect(request.headers['webhook-signature']).toBe(
      [signatureBy(inUse, request), signatureBy(aboutToGo, request)].join(' '),
    );
    const timestamp = Number(request.headers['webhook-timestamp']);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(Date.now() / 1_000);
  });

  it('keeps its connections from message to message, whatever was answered', async () => {
    const statuses = [200, 500, 404];
    const endpoint = await startEndpoint((response) => {
      response.statusCode = statuses.shift() ?? 204;
      response.end('an answer of some length');
    });
    const channel = open(endpoint.url, { connections: 1 });
    for (let n = 0; n < 4; n += 1) await channel.send(message, CONTEXT);
    expect([endpoint.requests.length, endpoint.connections()]).toEqual([4, 1]);
  });

  it('takes what the address of the endpoint says for granted: a name, a password, a query', async () => {
    const { url, requests } = await startEndpoint();
    await open(url.replace('//', '//user:word@').replace('/hook', '/hook?team=1')).send(message, CONTEXT);
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:word').toString('base64')}`);
  });
});

/** What comes of a message that an endpoint answers so. */
async function answered(status: number, headers: Record<string, string> = {}) {
  const { url } = await startEndpoint((response) => response.writeHead(status, headers).end());
  return open(url).send(message, CONTEXT);
}

describe('what the endpoint answers', () => {
  it.each([
    [200, { kind: 'accepted' }],
    [202, { kind: 'accepted' }],
    [204, { kind: 'accepted' }],
    [400, { kind: 'rejected', reason: 'rejected-message' }],
    [404, { kind: 'rejected', reason: 'rejected-message' }],
    [410, { kind: 'rejected', reason: 'rejected-message' }],
    [413, { kind: 'rejected', reason: 'rejected-message' }],
    [422, { kind: 'rejected', reason: 'rejected-message' }],
    // Of the sender or of the way, not of the message: everybody else's would fail just so.
    [401, { kind: 'transient' }],
    [403, { kind: 'transient' }],
    [408, { kind: 'transient' }],
    [425, { kind: 'transient' }],
    // Its own answer: it has not taken the message.
    [500, { kind: 'transient' }],
    [501, { kind: 'transient' }],
    [503, { kind: 'transient' }],
    // Of something in between, which does not know.
    [502, { kind: 'unknown' }],
    [504, { kind: 'unknown' }],
    [429, { kind: 'rate-limited' }],
  ])('%d', async (status, expected) => {
    expect(await answered(status)).toEqual(expected);
  });

  it.each([301, 302, 307, 308])('%d, and is not followed', async (status) => {
    const elsewhere = await startEndpoint();
    expect(await answered(status, { location: elsewhere.url })).toEqual({ kind: 'transient' });
    expect(elsewhere.requests).toEqual([]);
  });

  it.each([429, 503])('%d with a time to come again, in seconds', async (status) => {
    expect(await answered(status, { 'retry-after': '7' })).toEqual({
      kind: 'rate-limited',
      retryAfterMs: 7_000,
    });
  });

  it('429 with a date to come again', async () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const result = await answered(429, { 'retry-after': inAMinute });
    expect(result).toMatchObject({ kind: 'rate-limited' });
    expect('retryAfterMs' in result && result.retryAfterMs).toBeGreaterThan(50_000);
    expect('retryAfterMs' in result && result.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it.each(['soon', '-3', '1.5', '', '12 monkeys'])(
    '429 with "%s" for a time is one without',
    async (text) => {
      expect(await answered(429, { 'retry-after': text })).toEqual({ kind: 'rate-limited' });
    },
  );

  it('429 with a date that has passed', async () => {
    const result = await answered(429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' });
    expect(result).toEqual({ kind: 'rate-limited', retryAfterMs: 0 });
  });

  it('counts as soon as it is there, however long and slow the rest of it is', async () => {
    const endless = await startEndpoint((response) => {
      response.writeHead(200);
      response.on('error', () => undefined);
      const more = (): boolean => response.destroyed || response.write(Buffer.alloc(200_000), more);
      more();
    });
    expect(await open(endless.url).send(message, CONTEXT)).toEqual({ kind: 'accepted' });
    const unfinished = await startEndpoint((response) => response.writeHead(200).write('to be continued'));
    expect(await open(unfinished.url).send(message, CONTEXT)).toEqual({ kind: 'accepted' });
  });
});

describe('no answer', () => {
  it('from a port where nobody listens is transient', async () => {
    const { url, close } = await startWebhookEndpoint();
    await close();
    expect(await open(url).send(message, CONTEXT)).toEqual({ kind: 'transient' });
  });

  it('from a host that nobody knows is transient', async () => {
    expect(await open('http://nobody.invalid/').send(message, CONTEXT)).toEqual({ kind: 'transient' });
  });

  it('from a server that never shakes hands is transient: nothing has left', async () => {
    const url = await startRawServer(() => undefined);
    const secure = open(url.replace('http:', 'https:'), { timeoutMs: 200 });
    expect(await secure.send(message, CONTEXT)).toEqual({ kind: 'transient' });
  });

  it('within the time is unknown: the request has left', async () => {
    const { url } = await startEndpoint(() => undefined);
    expect(await open(url, { timeoutMs: 200 }).send(message, CONTEXT)).toEqual({ kind: 'unknown' });
  });

  it('but a closed connection is unknown, over a new one and over one that was used before', async () => {
    let served = 0;
    const { url } = await startEndpoint((response) => {
      served += 1;
      if (served === 2) response.end();
      else response.destroy();
    });
    const channel = open(url, { connections: 1 });
    const kinds = [];
    for (let n = 0; n < 3; n += 1) kinds.push((await channel.send(message, CONTEXT)).kind);
    expect(kinds).toEqual(['unknown', 'accepted', 'unknown']);
  });

  it('that is HTTP is unknown, and neither is a change of protocol one', async () => {
    const babble = await startRawServer((socket) => socket.end('220 mail.example.test ESMTP\r\n'));
    expect(await open(babble).send(message, CONTEXT)).toEqual({ kind: 'unknown' });
    const upgrade = await startRawServer((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: mail\r\n\r\n'),
    );
    expect(await open(upgrade).send(message, CONTEXT)).toEqual({ kind: 'unknown' });
  });

  it('keeps nobody else waiting in line for longer than it takes', async () => {
    let served = 0;
    const { url } = await startEndpoint((response) => {
      served += 1;
      if (served > 1) response.end();
    });
    const channel = open(url, { connections: 1, timeoutMs: 200 });
    const results = await Promise.all([1, 2, 3].map(() => channel.send(message, CONTEXT)));
    expect(results.map(({ kind }) => kind)).toEqual(['unknown', 'accepted', 'accepted']);
  });
});
