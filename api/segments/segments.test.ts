import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  for (const [id, country] of Object.entries({ ada: 'AT', bob: 'AT', cy: 'DE', dee: 'FR' })) {
    await service.admin('PUT', `/v1/recipients/${id}`, {
      body: { timeZone: country === 'DE' ? 'Europe/Berlin' : 'Europe/Vienna', attributes: { country } },
    });
  }
});
afterAll(() => service.stop());

const create = (body: unknown): Promise<TestAnswer> => service.admin('POST', '/v1/segments', { body });

async function segment(query: object, name = 'A segment'): Promise<string> {
  const { status, body } = await create({ name, query });
  expect(status).toBe(201);
  return body.id;
}

const change = (method: 'PUT' | 'PATCH', id: string, body: unknown, tag = '"1"'): Promise<TestAnswer> =>
  service.admin(method, `/v1/segments/${id}`, { body, headers: { 'If-Match': tag } });

const schedule = (audienceQuery: object, more: object = {}): Promise<TestAnswer> =>
  service.admin('POST', '/v1/schedules', {
    body: {
      name: 'News',
      channel: 'email',
      content: { body: 'b' },
      runAt: '2026-12-01T09:00:00',
      audienceQuery,
      ...more,
    },
  });

const totalOf = async (audienceQuery: object): Promise<number> => {
  const { body } = await service.admin('POST', '/v1/schedules/preview', {
    body: { schedule: { runAt: '2026-12-01T09:00:00', audienceQuery } },
  });
  return body.audience.total;
};

const codesOf = ({ body }: TestAnswer): [string, string][] =>
  body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]);

describe('POST /v1/segments', () => {
  it('201: creates version 1 and says where', async () => {
    const answer = await create({ name: 'Austria', query: { country: 'AT' } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/segments/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^seg_/),
      name: 'Austria',
      query: { country: 'AT' },
      version: 1,
      createdBy: 'admin',
      createdAt: '2026-11-20T12:00:00.000Z',
      updatedAt: '2026-11-20T12:00:00.000Z',
      archivedAt: null,
    });
    expect((await service.admin('GET', `/v1/segments/${answer.body.id}`)).body).toEqual(answer.body);
  });

  it('422: names everything that is wrong, by its place in the query', async () => {
    const query = { any: [{ segment: 'seg_none' }, { plan: null }] };
    expect(codesOf(await create({ name: ' ', query, color: 'red' }))).toEqual([
      ['/name', 'field.format'],
      ['/color', 'field.unknown'],
      ['/query/any/1/plan', 'field.type'],
    ]);
    expect(codesOf(await create({ name: 'x', query: { any: [{ segment: 'seg_none' }] } }))).toEqual([
      ['/query/any/0/segment', 'reference.unknown'],
    ]);
    expect(codesOf(await create({ name: 'x' }))).toEqual([['/query', 'field.required']]);
    expect((await create({ name: 'x', query: { any: 5 } })).body.errors[0].message).toBe(
      'any: must be a list of at least one condition',
    );
  });

  it('422: refuses zones and locales that nobody can have, in schedules too', async () => {
    const audience = { any: [{ timeZone: 'Paris' }, { timeZoneIn: ['Asia/Tokyo', 'UTC+2'] }] };
    const refused = await create({ name: 'x', query: audience });
    expect(codesOf(refused)).toEqual([
      ['/query/any/0/timeZone', 'zone.unknown'],
      ['/query/any/1/timeZoneIn/1', 'zone.unknown'],
    ]);
    expect(refused.body.errors[0].message).toBe(
      'any.0.timeZone: "Paris" is not an IANA zone; did you mean Europe/Paris?',
    );
    expect(codesOf(await schedule({ timeZoneNot: 'PST' }))).toEqual([
      ['/audienceQuery/timeZoneNot', 'zone.unknown'],
    ]);
    expect(codesOf(await schedule({ locale: 'de_AT' }))).toEqual([
      ['/audienceQuery/locale', 'locale.invalid'],
    ]);
  });

  it('403: is not for those who only read', async () => {
    const analyst = await service.withRole('ANALYST');
    expect((await analyst('POST', '/v1/segments', { body: { name: 'x', query: {} } })).status).toBe(403);
    expect((await analyst('GET', '/v1/segments')).status).toBe(200);
  });
});

describe('a segment', () => {
  it('is asked for by its id, within other conditions and other segments', async () => {
    const austria = await segment({ country: 'AT' });
    const german = await segment({ any: [{ segment: austria }, { country: 'DE' }] });
    expect(await totalOf({ segment: austria })).toBe(2);
    expect(await totalOf({ segment: german })).toBe(3);
    expect(await totalOf({ all: [{ segment: german }, { not: { segment: austria } }] })).toBe(1);
    const { body } = await service.admin('POST', '/v1/schedules/preview', {
      body: { schedule: { runAt: '2026-12-01T09:00:00', audienceQuery: { segment: german } } },
    });
    expect(body.audience.byZone).toEqual({ 'Europe/Vienna': 2, 'Europe/Berlin': 1 });
    expect(body.audienceQuery).toEqual({ segment: german });
  });

  it('of another tenant is unknown', async () => {
    const { send } = await service.otherTenant();
    const { body } = await send('POST', '/v1/segments', { body: { name: 'Theirs', query: {} } });
    expect((await service.admin('GET', `/v1/segments/${body.id}`)).status).toBe(404);
    expect(codesOf(await schedule({ segment: body.id }))).toEqual([
      ['/audienceQuery/segment', 'reference.unknown'],
    ]);
  });

  it('shows people by their own ids, for as long as they are not erased', async () => {
    for (const id of ['eve', 'finn']) await service.admin('PUT', `/v1/recipients/${id}`, { body: {} });
    const list = await segment({ recipients: ['eve', 'finn', 'not-yet'] });
    const shown = async (): Promise<unknown> =>
      (await service.admin('GET', `/v1/segments/${list}`)).body.query;
    expect(await shown()).toEqual({ recipients: ['eve', 'finn', 'not-yet'] });
    await service.admin('DELETE', '/v1/recipients/eve');
    expect(await shown()).toEqual({ recipients: ['finn', 'not-yet'] });
    await service.admin('PUT', '/v1/recipients/not-yet', { body: {} });
    expect(await totalOf({ segment: list })).toBe(2);
    await service.admin('DELETE', '/v1/recipients/not-yet');
    await service.admin('DELETE', '/v1/recipients/finn');
    expect(await shown()).toEqual({ not: {} });
    expect(await totalOf({ segment: list })).toBe(0);
    const { rows } = await service.deps.db.pool.query('select query, condition from segment where id = $1', [
      list,
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/eve|finn|not-yet/);
  });
});

describe('GET /v1/segments', () => {
  it('200: pages newest first, without archived ones', async () => {
    const gone = await segment({}, 'Gone');
    await segment({}, 'Older');
    await segment({}, 'Newer');
    await service.admin('DELETE', `/v1/segments/${gone}`);
    const first = await service.admin('GET', '/v1/segments?limit=1');
    const second = await service.admin('GET', `/v1/segments?limit=1&cursor=${first.body.nextCursor}`);
    expect([first.body.items[0].name, second.body.items[0].name]).toEqual(['Newer', 'Older']);
  });
});

const many = (count: number) => ({ any: Array.from({ length: count }, (_, n) => ({ plan: `p${n}` })) });

describe('PUT and PATCH /v1/segments/:id', () => {
  it('200: write the next version, also from what GET answered', async () => {
    const id = await segment({ country: 'AT' });
    const { body } = await service.admin('GET', `/v1/segments/${id}`);
    const put = await change('PUT', id, { ...body, name: 'Renamed' });
    expect([put.status, put.headers.get('etag'), put.body.name]).toEqual([200, '"2"', 'Renamed']);
    const patched = await change('PATCH', id, { query: { country: null, countryIn: ['AT', 'DE'] } }, '"2"');
    expect(patched.body).toMatchObject({ version: 3, name: 'Renamed', query: { countryIn: ['AT', 'DE'] } });
    expect(await totalOf({ segment: id })).toBe(3);
  });

  it('428, 412, 404: want the version that they are based on, of a segment that is there', async () => {
    const id = await segment({});
    expect((await service.admin('PATCH', `/v1/segments/${id}`, { body: {} })).status).toBe(428);
    expect((await change('PATCH', id, {}, '"7"')).status).toBe(412);
    expect((await change('PUT', 'seg_none', { name: 'x', query: {} })).status).toBe(404);
    await service.admin('DELETE', `/v1/segments/${id}`);
    expect((await change('PATCH', id, {}, '*')).status).toBe(404);
  });

  it('412: of many changes to one version at once exactly one wins', async () => {
    const id = await segment({});
    const statuses = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        change('PATCH', id, { name: `Name ${n}` }).then(({ status }) => status),
      ),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(11).fill(412)]);
  });

  it('422: never let segments ask for each other in a circle, not even two at once', async () => {
    const a = await segment({ country: 'AT' });
    const b = await segment({ segment: a });
    const refused = await change('PATCH', a, { query: { country: null, segment: b } });
    expect(codesOf(refused)).toEqual([['/query', 'segment.cycle']]);
    expect(codesOf(await change('PUT', a, { name: 'a', query: { segment: a } }))).toEqual([
      ['/query', 'segment.cycle'],
    ]);
    const [c, d] = [await segment({}), await segment({})];
    const both = await Promise.all([
      change('PUT', c, { name: 'c', query: { segment: d } }),
      change('PUT', d, { name: 'd', query: { segment: c } }),
    ]);
    expect(both.map(({ status }) => status).toSorted((x, y) => x - y)).toEqual([200, 422]);
  });

  it('422: never let a segment grow until somebody who uses it could not be asked any more', async () => {
    const small = await segment(many(10), 'Small');
    const { body } = await schedule({ any: Array.from({ length: 50 }, () => ({ segment: small })) });
    const refused = await change('PUT', small, { name: 'Small', query: many(100) });
    expect(codesOf(refused)).toEqual([['/query', 'field.too-large']]);
    expect(refused.body.errors[0].message).toContain(`schedule ${body.id} (News)`);
    const direct = await schedule({ any: Array.from({ length: 100 }, () => ({ segment: small })) });
    expect(direct.status).toBe(201);
    const within = await segment({ any: Array.from({ length: 100 }, () => ({ segment: small })) }, 'Outer');
    expect(codesOf(await schedule({ any: [{ segment: within }, { plan: 'x' }] }))).toEqual([
      ['/audienceQuery', 'field.too-large'],
    ]);
  });

  it('422: leave the segment as it was', async () => {
    const id = await segment({ country: 'AT' });
    expect((await change('PUT', id, { name: 'x', query: { any: [] } })).status).toBe(422);
    expect((await service.admin('GET', `/v1/segments/${id}`)).body).toMatchObject({
      version: 1,
      query: { country: 'AT' },
    });
  });
});

describe('DELETE /v1/segments/:id', () => {
  it('204: archives; it stays readable and cannot be asked for any more', async () => {
    const id = await segment({});
    expect((await service.admin('DELETE', `/v1/segments/${id}`)).status).toBe(204);
    expect((await service.admin('DELETE', `/v1/segments/${id}`)).status).toBe(204);
    expect((await service.admin('GET', `/v1/segments/${id}`)).body.archivedAt).not.toBeNull();
    expect(codesOf(await schedule({ segment: id }))).toEqual([
      ['/audienceQuery/segment', 'reference.unknown'],
    ]);
    expect((await service.admin('DELETE', '/v1/segments/seg_none')).status).toBe(404);
  });

  it('409: names the schedules and segments that use it, until they do no more', async () => {
    const id = await segment({}, 'Wanted');
    const { body: user } = await schedule({ not: { segment: id } }, { name: 'Spring news' });
    const outer = await segment({ segment: id }, 'Outer');
    const refused = await service.admin('DELETE', `/v1/segments/${id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'segment.in-use']);
    expect(refused.body.detail).toBe(
      `It is used by schedule ${user.id} (Spring news), segment ${outer} (Outer).`,
    );
    await service.admin('POST', `/v1/schedules/${user.id}/cancel`);
    await change('PUT', outer, { name: 'Outer', query: {} });
    expect((await service.admin('DELETE', `/v1/segments/${id}`)).status).toBe(204);
  });

  it('409: follows a schedule through its changes', async () => {
    const [before, after] = [await segment({}), await segment({})];
    const { body } = await schedule({ segment: before }, { draft: true });
    await service.admin('PATCH', `/v1/schedules/${body.id}`, {
      body: { audienceQuery: { segment: after } },
      headers: { 'If-Match': '"1"' },
    });
    expect((await service.admin('DELETE', `/v1/segments/${before}`)).status).toBe(204);
    expect((await service.admin('DELETE', `/v1/segments/${after}`)).status).toBe(409);
  });
});
