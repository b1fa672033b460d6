import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultPayloadConverter } from '@temporalio/common';
import { HOUR } from '../../domain/time/instant';
import { createKeyRing } from '../../platform/crypto';
import { createPayloadCodec } from '../../platform/payload-codec';
import { stack } from '../../test/stack';
import { operatorOf } from './operator';
import { readPayloads, writePayloads } from './payload-json';
import { createCodecServer } from './server';
import { passOnTo } from './web-ui';

const ADMIN_KEY = 'the-admin-key-of-this-test';
const UI = 'https://temporal.example.com';
const keys = [{ id: 'k1', key: randomBytes(32) }];
const codec = createPayloadCodec(createKeyRing(keys));
const value = { scheduleId: '01SCHEDULE' };

let now = 1_000_000;
const refusals: string[] = [];
const open: Server[] = [];

async function listen(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function codecServer(behind?: string): Promise<string> {
  return listen(
    createCodecServer({
      codec,
      operator: operatorOf(ADMIN_KEY, () => now, 'http'),
      webUiOrigin: UI,
      webUiLink: '/',
      webUi: behind === undefined ? null : passOnTo(behind),
      log: { warn: (line) => refusals.push(line), error: () => undefined },
    }),
  );
}

let address: string;
beforeAll(async () => {
  address = await codecServer();
});
afterAll(() => {
  for (const server of open) {
    server.close();
    server.closeAllConnections();
  }
});

const bearer = { authorization: `Bearer ${ADMIN_KEY}` };

async function stored(ring = codec): Promise<string> {
  return writePayloads(await ring.encode([defaultPayloadConverter.toPayload(value)]));
}

function decode(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${address}/codec/decode`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body,
  });
}

async function valuesOf(response: Response): Promise<unknown> {
  return readPayloads(await response.text())?.map((payload) => defaultPayloadConverter.fromPayload(payload));
}

async function detailOf(response: Response): Promise<string> {
  return String(Reflect.get(Object(await response.json()), 'detail'));
}

async function signIn(key: string): Promise<Response> {
  return fetch(`${address}/codec/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ key }),
    redirect: 'manual',
  });
}

async function sessionCookie(): Promise<string> {
  const [cookie = ''] = (await signIn(ADMIN_KEY)).headers.getSetCookie();
  return cookie.split(';')[0] ?? '';
}

describe('decoding', () => {
  it('opens payloads for who shows the admin key', async () => {
    const response = await decode(await stored(), bearer);
    expect(response.status).toBe(200);
    expect(await valuesOf(response)).toEqual([value]);
  });

  it('passes payloads that were never encrypted', async () => {
    const plain = writePayloads([defaultPayloadConverter.toPayload(value)]);
    expect(await valuesOf(await decode(plain, bearer))).toEqual([value]);
  });

  it.each([
    ['no credential', {}],
    ['another key', { authorization: 'Bearer somebody-elses-key' }],
    ['a credential of another kind', { authorization: `Basic ${ADMIN_KEY}` }],
    ['a made-up cookie', { cookie: 'sundial_codec=9999999999999.c2lnbmF0dXJl' }],
  ])('answers 401 to %s and says what to do', async (_what, headers) => {
    const response = await decode(await stored(), { ...headers });
    expect(response.status).toBe(401);
    expect(await detailOf(response)).toContain('Sign in at /codec');
  });

  it('puts the reason in the place of a payload that it cannot open, and opens the others', async () => {
    const other = createPayloadCodec(createKeyRing([{ id: 'k0', key: randomBytes(32) }]));
    const payload = defaultPayloadConverter.toPayload(value);
    const payloads = [...(await other.encode([payload])), ...(await codec.encode([payload]))];
    expect(await valuesOf(await decode(writePayloads(payloads), bearer))).toEqual([
      { unreadable: expect.stringContaining('Encryption key "k0" is not in SUNDIAL_ENCRYPTION_KEYS') },
      value,
    ]);
  });

  it.each([
    ['no JSON', 'payloads'],
    ['no list', '{"payloads":{}}'],
    ['data that is not base64', '{"payloads":[{"data":"%"}]}'],
  ])('answers 400 to %s', async (_what, body) => {
    expect((await decode(body, bearer)).status).toBe(400);
  });

  it('answers 413 to more than it would read', async () => {
    const response = await decode('x'.repeat(17 * 1024 * 1024), bearer);
    expect(response.status).toBe(413);
  });

  it('answers 415 to what a form of another page could post', async () => {
    expect((await decode(await stored(), { ...bearer, 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('has nothing to encode with', async () => {
    const response = await fetch(`${address}/codec/encode`, { method: 'POST', headers: bearer });
    expect(response.status).toBe(404);
  });
});

describe('across origins', () => {
  it('lets the Web UI send the cookie and read the answer, errors too', async () => {
    for (const headers of [bearer, {}]) {
      const response = await decode(await stored(), { ...headers, origin: UI });
      expect(response.headers.get('access-control-allow-origin')).toBe(UI);
      expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    }
  });

  it('tells a browser before it asks that the Web UI may', async () => {
    const response = await fetch(`${address}/codec/decode`, { method: 'OPTIONS', headers: { origin: UI } });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe(UI);
    expect(response.headers.get('access-control-allow-headers')).toContain('x-namespace');
  });

  it('answers 403 to every other origin, whatever it shows, and lets it read nothing', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      `${UI}.evil.example`,
      'http://temporal.example.com',
    ]) {
      const response = await decode(await stored(), { ...bearer, origin });
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      const asked = await fetch(`${address}/codec/decode`, { method: 'OPTIONS', headers: { origin } });
      expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('takes its own pages for what they are', async () => {
    expect((await decode(await stored(), { ...bearer, origin: address })).status).toBe(200);
  });
});

describe('signing in', () => {
  it('gives a cookie that scripts cannot read and other sites cannot use', async () => {
    const response = await signIn(ADMIN_KEY);
    expect(response.status).toBe(303);
    expect(response.headers.get('set-cookie')).toMatch(
      /^sundial_codec=[^;]+; Path=\/codec; Max-Age=28800; HttpOnly; SameSite=Strict$/,
    );
    expect(operatorOf(ADMIN_KEY, () => now, 'https').signIn()).toMatch(/; Secure$/);
  });

  it('lets the browser decode for eight hours', async () => {
    const cookie = `theme=dark; ${await sessionCookie()}`;
    expect(await valuesOf(await decode(await stored(), { cookie, origin: UI }))).toEqual([value]);
    now += 8 * HOUR;
    expect((await decode(await stored(), { cookie, origin: UI })).status).toBe(401);
  });

  it('is over when the cookie is stretched or the admin key becomes another', async () => {
    const cookie = await sessionCookie();
    const stretched = cookie.replace(/=(\d+)/, (_all, expiry: string) => `=${Number(expiry) + 1}`);
    expect((await decode(await stored(), { cookie: stretched })).status).toBe(401);
    const renewed = operatorOf('another-admin-key', () => now, 'http');
    expect(renewed.isBehind({ cookie })).toBe(false);
  });

  it('refuses another key, without repeating it, and says so in the log', async () => {
    const response = await signIn('<b>guess</b>');
    const page = await response.text();
    expect(response.status).toBe(401);
    expect(page).toContain('That is not the admin key');
    expect(page).not.toContain('guess');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(refusals).toEqual(['a sign-in with a wrong admin key was refused']);
  });

  it('shows a form to strangers and a way out to who is signed in', async () => {
    const page = (headers: Record<string, string>) =>
      fetch(`${address}/codec`, { headers }).then((response) => response.text());
    expect(await page({})).toContain('type="password"');
    expect(await page({ cookie: await sessionCookie() })).toContain('Sign out');
    const out = await fetch(`${address}/codec/sign-out`, { method: 'POST', redirect: 'manual' });
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
  });
});

describe('the Web UI on the same address', () => {
  it('is passed on as it is, and keeps the decoding to us', async () => {
    const webUi = await listen(
      createServer((request, response) => {
        response.writeHead(201, { 'x-ui': 'yes' });
        response.write(`${request.method} ${request.url} ${String(request.headers['x-csrf'])} `);
        request.pipe(response);
      }),
    );
    const both = await codecServer(webUi);
    const passed = await fetch(`${both}/api/v1/x?y=1`, {
      method: 'POST',
      headers: { 'x-csrf': 'token' },
      body: 'body',
    });
    expect(passed.status).toBe(201);
    expect(passed.headers.get('x-ui')).toBe('yes');
    expect(await passed.text()).toBe('POST /api/v1/x?y=1 token body');
    expect(await (await fetch(`${both}/codec/healthz`)).text()).toContain('alive');
    expect((await fetch(`${both}/codec/decode`, { method: 'POST' })).status).toBe(401);
  });

  it('learns from its settings where to decode and where to sign in', async () => {
    const gate = await codecServer(stack().temporalUi);
    const settings: unknown = await (await fetch(`${gate}/api/v1/settings?`)).json();
    expect(settings).toMatchObject({
      Version: expect.any(String),
      Codec: { Endpoint: '/codec', IncludeCredentials: true, DefaultErrorLink: '/codec' },
    });
    expect(await (await fetch(`${gate}/`)).text()).toContain('<html');
  });

  it('is said to be away when it is', async () => {
    const gate = await codecServer('http://127.0.0.1:1');
    for (const path of ['/namespaces', '/api/v1/settings']) {
      const response = await fetch(gate + path);
      expect(response.status).toBe(502);
      expect(await detailOf(response)).toContain("Temporal's Web UI does not answer");
    }
  });

  it('is not shown when nobody said where it is', async () => {
    expect((await fetch(`${address}/namespaces`)).status).toBe(404);
  });
});
