import { startService } from '../test/api/service';
import type { TestService } from '../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const SQL = [
  "'; drop table recipient; --",
  "' or '1'='1",
  '" or ""="',
  '$1',
  '\\',
  '%_%',
  '1); select pg_sleep(10); --',
  "E'\\x27'",
  '/* */ union select hash from api_key',
];
const MUSTACHE = [
  '{{name}}',
  '{{{name}}}',
  '{{#a}}{{/a}}',
  '{{> x}}',
  '{{=<% %>=}}',
  '{{constructor}}',
  '{{__proto__}}',
];
const TEXTS = [...SQL, ...MUSTACHE];

/** What has to be true after every trick: all tables stand, and nobody new came in. */
async function expectUnharmed(): Promise<void> {
  const { rows } = await service.deps.db.pool.query(
    `select count(*)::int as n from information_schema.tables where table_name in ('recipient', 'schedule', 'api_key')`,
  );
  expect(rows[0].n).toBe(3);
}
afterEach(expectUnharmed);

describe('SQL and Mustache in places where text comes in', () => {
  it.each(TEXTS)('%s: is an id and an attribute like any other', async (text) => {
    const path = `/v1/recipients/${encodeURIComponent(text)}`;
    const attributes = { [text]: text, nested: { [text]: [text] } };
    expect((await service.admin('PUT', path, { body: { attributes } })).status).toBe(201);
    expect((await service.admin('GET', path)).body).toMatchObject({ id: text, attributes });
    expect(
      (await service.admin('PATCH', path, { body: { attributes: { [text]: null } } })).body.attributes,
    ).toEqual({
      nested: { [text]: [text] },
    });
  });

  it.each(TEXTS)('%s: is a name, a tag, data and a value of an audience', async (text) => {
    const body = {
      name: text,
      tags: [text],
      data: { [text]: text },
      channel: 'email',
      content: { body: 'b', subject: 's' },
      audienceQuery: {
        all: [{ [text]: text }, { attribute: text, op: 'in', value: [text] }, { recipients: [text] }],
      },
      runAt: '2026-12-01T09:00:00',
    };
    const { status, body: made } = await service.admin('POST', '/v1/schedules', { body });
    expect(status).toBe(201);
    expect(made).toMatchObject({
      name: text,
      tags: [text],
      data: { [text]: text },
      audienceQuery: body.audienceQuery,
    });
    const { body: shown } = await service.admin('POST', '/v1/schedules/preview', {
      body: { schedule: { runAt: body.runAt, audienceQuery: body.audienceQuery } },
    });
    expect(shown.audience.total).toBe(0);
    const byTag = await service.admin(
      'GET',
      `/v1/schedules?tag=${encodeURIComponent(text)}&q=${encodeURIComponent(text)}`,
    );
    expect(byTag.body.items.map(({ name }: { name: string }) => name)).toEqual([text]);
  });

  it.each(TEXTS)('%s: finds nobody as an id of anything else', async (text) => {
    const id = encodeURIComponent(text);
    for (const path of ['templates', 'schedules', 'jobs']) {
      expect((await service.admin('GET', `/v1/${path}/${id}`)).status).toBe(404);
    }
    expect((await service.admin('DELETE', `/v1/api-keys/${id}`)).status).toBe(404);
    expect((await service.admin('GET', `/v1/schedules/${id}/deliveries?recipient=${id}`)).status).toBe(404);
  });

  it.each(TEXTS)('%s: is refused as a filter, a limit and a cursor', async (text) => {
    const value = encodeURIComponent(text);
    const raw = Buffer.from(text).toString('base64url');
    for (const query of [
      `status=${value}`,
      `channel=${value}`,
      `limit=${value}`,
      `cursor=${value}`,
      `cursor=${raw}`,
    ]) {
      expect((await service.admin('GET', `/v1/schedules?${query}`)).status).toBe(422);
    }
    expect((await service.admin('GET', `/v1/recipients?${value}=1`)).status).toBe(422);
  });

  it.each(TEXTS)('%s: is refused as an address, a locale, a zone, a time and a duration', async (text) => {
    const person = { email: `${text}@example.com ${text}`, phone: text, locale: text, timeZone: text };
    const { body: refused } = await service.admin('PUT', '/v1/recipients/x', { body: person });
    expect(refused.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/email',
      '/phone',
      '/locale',
      '/timeZone',
    ]);
    for (const timing of [
      { runAt: text },
      { delay: text },
      { runAt: '2026-12-01T09:00:00', timeZone: text },
    ]) {
      expect(
        (await service.admin('POST', '/v1/schedules/preview', { body: { schedule: timing } })).status,
      ).toBe(422);
    }
  });

  it.each(TEXTS)('%s: is rendered as it stands when it is a value', async (text) => {
    const content = {
      name: text,
      contents: { email: { variants: { en: { subject: '{{v}}', body: '{{{v}}}', html: '<p>{{v}}</p>' } } } },
      defaultLocale: 'en',
    };
    const { body: template } = await service.admin('POST', '/v1/templates', { body: content });
    const { body } = await service.admin('POST', `/v1/templates/${template.id}/render`, {
      body: { channel: 'email', data: { v: text, [text]: text } },
    });
    expect(body).toMatchObject({ subject: text, body: text });
    expect(body.html.slice(3, -4)).not.toMatch(/["'<>]/);
  });
});

describe('names that mean something to JavaScript', () => {
  it.each([
    '{"__proto__": {"admin": true}}',
    '{"attributes": {"__proto__": {"admin": true}}}',
    '{"attributes": {"a": [{"__proto__": 1}]}}',
  ])('422: %s is refused with its pointer and changes no object', async (rawBody) => {
    const { status, body } = await service.admin('PUT', '/v1/recipients/x', { rawBody });
    expect([status, body.errors[0].code]).toEqual([422, 'name.reserved']);
    expect(body.errors[0].pointer).toMatch(/\/__proto__$/);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  it('422: as parameters and patches too', async () => {
    expect((await service.admin('GET', '/v1/recipients?__proto__=1')).status).toBe(422);
    await service.admin('PUT', '/v1/recipients/x', { body: {} });
    const rawBody = '{"attributes": {"__proto__": {"polluted": 1}}}';
    expect((await service.admin('PATCH', '/v1/recipients/x', { rawBody })).status).toBe(422);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('200: render as nothing in a template', async () => {
    const body =
      '[{{constructor}}{{__proto__}}{{toString}}{{constructor.name}}{{#constructor}}x{{/constructor}}]';
    const content = { name: 'n', contents: { email: { variants: { en: { body } } } }, defaultLocale: 'en' };
    const template = await service.admin('POST', '/v1/templates', { body: content });
    const rendered = await service.admin('POST', `/v1/templates/${template.body.id}/render`, {
      body: { channel: 'email' },
    });
    expect(rendered.body.body).toBe('[]');
  });
});

describe('texts that cannot be stored', () => {
  it.each(['"nul \\u0000"', '"half \\ud800 pair"', '"\\udc00"'])(
    '422: %s is named wherever it stands',
    async (text) => {
      for (const [rawBody, pointer] of [
        [`{"attributes": {"a": [${text}]}}`, '/attributes/a/0'],
        [`{"attributes": {${text}: 1}}`, '/attributes'],
        [`{"email": ${text}}`, '/email'],
      ]) {
        const { status, body } = await service.admin('PUT', '/v1/recipients/x', { rawBody: rawBody ?? '' });
        expect([status, body.errors[0]]).toEqual([
          422,
          expect.objectContaining({ pointer, code: 'text.invalid' }),
        ]);
      }
    },
  );

  it.each(['1e999', '-1e400', '12345678901234567890'])(
    '422: %s, which no number can hold',
    async (number) => {
      const rawBody = `{"attributes": {"n": ${number}}}`;
      const { body } = await service.admin('PUT', '/v1/recipients/x', { rawBody });
      expect(body.errors[0]).toMatchObject({ pointer: '/attributes/n', code: 'field.range' });
    },
  );

  it('201: whole pairs and every language are kept', async () => {
    const attributes = { emoji: '👩‍🚀', arabic: 'مرحبا', line: 'a\u2028b\nc' };
    const { body } = await service.admin('PUT', '/v1/recipients/x', { body: { attributes } });
    expect(body.attributes).toEqual(attributes);
  });

  it.each(['%00', 'a%00b', '%0A', '%7F', '%C2%85'])('422: %s in a path or a query', async (text) => {
    expect((await service.admin('GET', `/v1/recipients/${text}`)).status).toBe(422);
    expect((await service.admin('GET', `/v1/schedules/${text}`)).status).toBe(422);
    expect((await service.admin('GET', `/v1/schedules?q=${text}`)).status).toBe(422);
    expect((await service.admin('GET', `/v1/schedules?tag=${text}`)).status).toBe(422);
  });
});
