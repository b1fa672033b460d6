import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const put = (id: string, body: unknown): Promise<TestAnswer> =>
  service.admin('PUT', `/v1/recipients/${encodeURIComponent(id)}`, { body });

const codesOf = (answer: TestAnswer): [string, string][] =>
  answer.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]);

describe('PUT /v1/recipients/:id', () => {
  it('201: creates a person and says where', async () => {
    const answer = await put('ada', {
      email: 'ada@example.com',
      phone: '+4915112345678',
      locale: 'de-at',
      timeZone: 'Europe/Vienna',
      attributes: { first_name: 'Ada' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/v1/recipients/ada');
    expect(answer.body).toMatchObject({
      id: 'ada',
      email: 'ada@example.com',
      phone: '+4915112345678',
      devices: [],
      locale: 'de-AT',
      timeZone: 'Europe/Vienna',
      attributes: { first_name: 'Ada' },
      effectiveTimeZone: 'Europe/Vienna',
      timeZoneSource: 'profile',
    });
  });

  it('200: replaces all that was known, absent fields included', async () => {
    await put('grace', { email: 'grace@example.com', attributes: { plan: 'free' } });
    const answer = await put('grace', { phone: '+12125550123' });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('email');
    expect(answer.body.attributes).toEqual({});
  });

  it('200: takes back what GET answered, read-only fields included', async () => {
    await put('same', {
      email: 'same@example.com',
      timeZone: 'Asia/Calcutta',
      attributes: { n: [1, { a: null }] },
    });
    const { body } = await service.admin('GET', '/v1/recipients/same');
    const answer = await put('same', body);
    expect(answer.status).toBe(200);
    expect({ ...answer.body, updatedAt: null }).toEqual({ ...body, updatedAt: null });
  });

  it('201: reads null as none', async () => {
    const nothing = { email: null, phone: null, locale: null, timeZone: null, attributes: null };
    const { status, body } = await put('nobody', nothing);
    expect(status).toBe(201);
    expect(body).toMatchObject({ attributes: {}, effectiveTimeZone: 'UTC', timeZoneSource: 'default' });
  });

  it.each([
    'a/b',
    'ada@example.com',
    'über den Wolken',
    '../../etc/passwd',
    '%',
    "'; drop table recipient; --",
  ])('201: keeps %p as an id, percent-encoded in the path', async (id) => {
    const created = await put(id, { attributes: { here: true } });
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/v1/recipients/${encodeURIComponent(id)}`);
    const read = await service.admin('GET', `/v1/recipients/${encodeURIComponent(id)}`);
    expect(read.body).toMatchObject({ id, attributes: { here: true } });
  });

  it('422: refuses an id with control characters, or longer than 200 characters', async () => {
    expect(codesOf(await put('a\nb', {}))).toEqual([['/path/id', 'field.format']]);
    expect(codesOf(await put('nul\u0000', {}))).toEqual([['/path/id', 'field.format']]);
    expect(codesOf(await put('x'.repeat(201), {}))).toEqual([['/path/id', 'field.too-long']]);
  });

  it("takes the zone of a phone's country when that country has one zone", async () => {
    const { body } = await put('nepal', { phone: '+9779812345678' });
    expect(body).toMatchObject({ effectiveTimeZone: 'Asia/Kathmandu', timeZoneSource: 'phone' });
    expect(body).not.toHaveProperty('timeZone');
  });

  it("falls back to the tenant's default for a phone whose country has many zones", async () => {
    const { body } = await put('usa', { phone: '+12125550123' });
    expect(body).toMatchObject({ effectiveTimeZone: 'UTC', timeZoneSource: 'default' });
  });

  it('422: names an unknown zone and suggests what was meant', async () => {
    const answer = await put('x', { timeZone: 'UTC+2' });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toEqual([
      {
        pointer: '/timeZone',
        code: 'zone.unknown',
        message: expect.stringMatching(/^timeZone: is not an IANA zone; did you mean Etc\/GMT-2/),
      },
    ]);
  });

  it.each(['PST', 'Paris', 'europe/paris', 'Amercia/New_York'])(
    '422: suggests a zone for %p',
    async (timeZone) => {
      const answer = await put('x', { timeZone });
      expect(codesOf(answer)).toEqual([['/timeZone', 'zone.unknown']]);
      expect(answer.body.errors[0].message).toContain('did you mean');
    },
  );

  it('422: names every wrong field at once', async () => {
    const answer = await put('x', {
      email: 'not an address',
      phone: '0151 1234',
      devices: [{ token: 't', platform: 'ios' }],
      locale: 'not_a_locale',
      timeZone: 'Mars/Olympus',
      attributes: [],
      plan: 'premium',
    });
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toEqual([
      ['/email', 'email.invalid'],
      ['/phone', 'phone.invalid'],
      ['/devices', 'field.not-built'],
      ['/locale', 'locale.invalid'],
      ['/timeZone', 'zone.unknown'],
      ['/attributes', 'field.type'],
      ['/plan', 'field.unknown'],
    ]);
  });

  it.each([
    ['email', 5],
    ['phone', true],
    ['locale', {}],
    ['timeZone', ['UTC']],
    ['attributes', 'text'],
  ])('422: refuses a wrong type of %s', async (field, value) => {
    expect(codesOf(await put('x', { [field]: value }))).toEqual([[`/${field}`, 'field.type']]);
  });

  it.each([[[]], ['text'], [5], [null], [true]])('422: refuses %p as a whole body', async (body) => {
    expect(codesOf(await put('x', body))).toEqual([['', 'field.type']]);
  });

  it('422: refuses attributes beyond their limits', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`);
    expect(codesOf(await put('x', { attributes: deep }))).toEqual([['/attributes/a', 'field.too-deep']]);
    const large = { text: 'x'.repeat(33_000) };
    expect(codesOf(await put('x', { attributes: large }))).toEqual([['/attributes', 'field.too-large']]);
    const long = { ['n'.repeat(201)]: 1 };
    expect(codesOf(await put('x', { attributes: long }))[0]?.[1]).toBe('field.too-long');
  });

  it.each(['id', 'locale', 'email', 'createdAt', 'constructor', 'prototype'])(
    '422: reserves the attribute name %s',
    async (name) => {
      expect(codesOf(await put('x', { attributes: { [name]: 1 } }))).toEqual([
        [`/attributes/${name}`, 'name.reserved'],
      ]);
    },
  );
});
