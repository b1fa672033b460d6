import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const put = (id: string): Promise<TestAnswer> =>
  service.admin('PUT', `/v1/recipients/${encodeURIComponent(id)}`, { body: {} });
const erase = (id: string): Promise<TestAnswer> =>
  service.admin('DELETE', `/v1/recipients/${encodeURIComponent(id)}`);

const create = async (audienceQuery: object): Promise<string> => {
  const { status, body } = await service.admin('POST', '/v1/schedules', {
    body: {
      name: 'News',
      channel: 'email',
      content: { body: 'b' },
      runAt: '2026-12-01T09:00:00',
      audienceQuery,
    },
  });
  expect(status).toBe(201);
  return body.id;
};

const read = async (id: string): Promise<TestAnswer> => service.admin('GET', `/v1/schedules/${id}`);
const stored = async (id: string): Promise<string> => {
  const { rows } = await service.deps.db.pool.query<{ config: unknown }>(
    'select config from schedule_version where schedule_id = $1',
    [id],
  );
  return JSON.stringify(rows);
};

describe('a schedule for a list of people', () => {
  it('never stores the id of anybody whom it knows', async () => {
    await put('ada@example.test');
    const id = await create({ any: [{ recipients: ['ada@example.test'] }, { id: 'ada@example.test' }] });
    expect(await stored(id)).not.toContain('ada@example');
    expect((await read(id)).body.audienceQuery).toEqual({
      any: [{ recipients: ['ada@example.test'] }, { recipients: ['ada@example.test'] }],
    });
  });

  it('forgets whoever is erased, in every version, and can be put back as it is shown', async () => {
    await put('bob@example.test');
    await put('cy@example.test');
    const id = await create({ recipients: ['bob@example.test', 'cy@example.test', 'dee@example.test'] });
    await service.admin('PATCH', `/v1/schedules/${id}`, {
      body: { name: 'Other' },
      headers: { 'If-Match': '"1"' },
    });
    await put('dee@example.test');
    await erase('bob@example.test');
    await erase('dee@example.test');
    expect(await stored(id)).not.toMatch(/bob@|dee@/);
    const { body } = await read(id);
    expect(body.audienceQuery).toEqual({ recipients: ['cy@example.test'] });
    const again = await service.admin('PUT', `/v1/schedules/${id}`, { body, headers: { 'If-Match': '*' } });
    expect([again.status, again.body.audienceQuery]).toEqual([200, { recipients: ['cy@example.test'] }]);
    await erase('cy@example.test');
    const empty = (await read(id)).body;
    expect(empty.audienceQuery).toEqual({ not: {} });
    const last = await service.admin('PUT', `/v1/schedules/${id}`, {
      body: empty,
      headers: { 'If-Match': '*' },
    });
    expect(last.status).toBe(200);
  });

  it('says the same as before when the same people are named again', async () => {
    await put('eve');
    const id = await create({ recipients: ['eve'] });
    const { body } = await read(id);
    const same = await service.admin('PUT', `/v1/schedules/${id}`, { body, headers: { 'If-Match': '"1"' } });
    expect([same.status, same.body.version]).toEqual([200, 1]);
  });

  it('tells the audit that its audience changed, and not to whom', async () => {
    await put('finn');
    await put('gus');
    const id = await create({ recipients: ['finn'] });
    await service.admin('PATCH', `/v1/schedules/${id}`, {
      body: { audienceQuery: { recipients: ['gus'] } },
      headers: { 'If-Match': '"1"' },
    });
    const { items } = (await service.admin('GET', `/v1/schedules/${id}/audit`)).body;
    expect(items[0].payloadDiff.changed).toContain('audienceQuery');
    expect(JSON.stringify(items)).not.toMatch(/finn|gus/);
  });

  it('shows in a list what it shows by itself', async () => {
    await put('hal');
    await create({ recipients: ['hal'] });
    const { items } = (await service.admin('GET', '/v1/schedules?limit=1')).body;
    expect(items[0].audienceQuery).toEqual({ recipients: ['hal'] });
  });
});
