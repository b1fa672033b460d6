import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';
import { templateExample } from '../templates/schema';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  // Somebody for every audience here: a schedule for nobody is answered with a warning.
  await service.admin('PUT', '/v1/recipients/ada', {
    body: { email: 'ada@example.com', attributes: { plan: 'a' } },
  });
});
afterAll(() => service.stop());

const base = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: '2026-12-01T09:00:00' };

async function create(extra: object = {}): Promise<TestAnswer['body']> {
  const answer = await service.admin('POST', '/v1/schedules', { body: { ...base, ...extra } });
  expect(answer.status).toBe(201);
  return answer.body;
}

type Send = (id: string, body: unknown, version?: number, query?: string) => Promise<TestAnswer>;
const sendAs =
  (method: string): Send =>
  (id, body, version, query = '') =>
    service.admin(method, `/v1/schedules/${id}${query}`, {
      body,
      headers: version === undefined ? {} : { 'If-Match': `"${version}"` },
    });
const put = sendAs('PUT');
const patch = sendAs('PATCH');

const read = async (id: string): Promise<TestAnswer['body']> =>
  (await service.admin('GET', `/v1/schedules/${id}`)).body;

const sql = async (text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
  (await service.deps.db.pool.query(text, values)).rows;

const commands = async (id: string): Promise<unknown[]> =>
  (await sql('select version from outbox where schedule_id = $1 order by id', id)).map(
    (row) => row['version'],
  );

/** As its workflow does when the first instant has come. */
async function begin(id: string, nominal = base.runAt): Promise<void> {
  await sql(`update schedule set status = 'running', next_run_at = null where id = $1`, id);
  await sql(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
     select tenant_id, id, version, $2, $3, 'open', now() from schedule where id = $1`,
    id,
    nominal,
    nominal.slice(0, 10),
  );
}

const deliveredVersion = async (id: string): Promise<unknown> =>
  (await sql('select version from occurrence where schedule_id = $1', id))[0]?.['version'];

describe('PUT /v1/schedules/:id', () => {
  it('200: writes the next version, recomputes the next run and commands the workflow', async () => {
    const { id } = await create({ tags: ['a'] });
    const before = service.announced.count;
    const answer = await put(id, { ...base, name: 'Later', runAt: '2026-12-02T09:00:00' }, 1);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"2"']);
    expect(answer.body).toMatchObject({
      name: 'Later',
      version: 2,
      tags: [],
      nextRunAt: '2026-12-01T19:00:00.000Z',
    });
    expect(await read(id)).toEqual(answer.body);
    expect([await commands(id), service.announced.count]).toEqual([[1, 2], before + 1]);
  });

  it('200: keeps every version as it was', async () => {
    const { id } = await create();
    await put(id, { ...base, name: 'Second' }, 1);
    await put(id, { ...base, name: 'Third' }, 2);
    const names = await sql(
      `select version, config->>'name' as name from schedule_version where schedule_id = $1 order by 1`,
      id,
    );
    expect(names).toEqual([
      { version: 1, name: 'News' },
      { version: 2, name: 'Second' },
      { version: 3, name: 'Third' },
    ]);
  });

  it.each([
    ['a wall time for everybody', {}],
    ['an instant', { runAt: '2026-12-01T09:00:00+02:00' }],
    ['a wall time in one zone', { timeZoneMode: 'fixed', timeZone: 'Europe/Berlin', overlap: 'second' }],
    ['a delay', { runAt: null, delay: 'PT1H' }],
    [
      'an audience',
      { audienceQuery: { all: [{ attribute: 'plan', op: 'equals', value: 'a' }] }, tags: ['x'] },
    ],
    ['content by locale', { content: { variants: { de: { body: 'b' } }, defaultLocale: 'de' } }],
  ])('200: takes back what GET answers, with %s, and makes no new version of it', async (_what, extra) => {
    const { id } = await create(extra);
    const seen = await read(id);
    service.clock.now += 60_000;
    const answer = await put(id, seen, 1);
    service.clock.now -= 60_000;
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"1"']);
    expect(answer.body).toEqual(seen);
    expect(await commands(id)).toEqual([1]);
  });

  it('200: takes back a schedule whose time has passed and whose template is gone, if neither changes', async () => {
    const template = await service.admin('POST', '/v1/templates', { body: templateExample });
    const { id } = await create({ content: null, templateId: template.body.id });
    await service.admin('DELETE', `/v1/templates/${template.body.id}`);
    service.clock.now += 60 * 86_400_000;
    const same = await put(id, await read(id), 1);
    const renamed = await patch(id, { name: 'Other' }, 1);
    const moved = await patch(id, { runAt: '2026-12-03T09:00:00' }, 2);
    service.clock.now -= 60 * 86_400_000;
    expect([same.status, same.body.version]).toEqual([200, 1]);
    expect([renamed.status, renamed.body.version]).toEqual([200, 2]);
    expect([moved.status, moved.body.errors[0].code]).toEqual([422, 'time.past']);
  });

  it('200: takes `*` for whatever is current', async () => {
    const { id } = await create();
    const answer = await service.admin('PUT', `/v1/schedules/${id}`, {
      body: { ...base, name: 'Any' },
      headers: { 'If-Match': '*' },
    });
    expect([answer.status, answer.body.version]).toEqual([200, 2]);
  });

  it('428: wants to know which version the change is based on', async () => {
    const { id } = await create();
    const { status, body } = await put(id, base);
    expect([status, body.code]).toEqual([428, 'version.required']);
  });

  it('412: refuses a change of a version that is no more', async () => {
    const { id } = await create();
    await put(id, { ...base, name: 'First' }, 1);
    const { status, body } = await put(id, { ...base, name: 'Second' }, 1);
    expect([status, body.code]).toEqual([412, 'version.stale']);
    expect(await read(id)).toMatchObject({ name: 'First', version: 2 });
  });

  it('412: lets one of many changes of a version win', async () => {
    const { id } = await create();
    const names = Array.from({ length: 8 }, (_, index) => `Name ${index}`);
    const answers = await Promise.all(names.map((name) => put(id, { ...base, name }, 1)));
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(7);
    expect(await read(id)).toMatchObject({ name: won[0]?.body.name, version: 2 });
  });

  it.each(['completed', 'cancelled', 'failed'])('409: changes nothing of one that is %s', async (status) => {
    const { id } = await create();
    await sql('update schedule set status = $2 where id = $1', id, status);
    const answer = await put(id, { ...base, name: 'Other' }, 1);
    expect([answer.status, answer.body.code]).toEqual([409, 'schedule.state.conflict']);
    expect(answer.body.detail).toContain(status);
  });

  it('422: names everything that is wrong', async () => {
    const { id } = await create();
    const { status, body } = await put(id, { ...base, name: '', runAt: '2026-02-30T09:00:00', color: 1 }, 1);
    expect(status).toBe(422);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      '/color',
      '/name',
      '/runAt',
    ]);
  });

  it('422: knows no other reach than future and running', async () => {
    const { id } = await create();
    const { status, body } = await put(id, base, 1, '?apply=all');
    expect([status, body.errors[0].pointer]).toEqual([422, '/query/apply']);
  });

  it('404: does not know a stranger', async () => {
    expect((await put('sch_none', base, 1)).body.code).toBe('schedule.unknown');
  });
});

describe('PATCH /v1/schedules/:id', () => {
  it('200: changes what it names and leaves the rest', async () => {
    const { id } = await create({ tags: ['a', 'b'], data: { x: 1, y: 2 } });
    const answer = await patch(id, { tags: ['c'], data: { x: null, z: 3 } }, 1);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ name: 'News', tags: ['c'], version: 2 });
    expect(answer.body.data).toEqual({ y: 2, z: 3 });
  });

  it('200: may be declared as a merge patch', async () => {
    const { id } = await create();
    const answer = await service.admin('PATCH', `/schedules/${id}`, {
      rawBody: '{"name":"Patched"}',
      headers: { 'If-Match': '"1"', 'Content-Type': 'application/merge-patch+json' },
    });
    expect([answer.status, answer.body.name]).toEqual([200, 'Patched']);
  });

  it('200: turns a time into a delay, which counts from now', async () => {
    const { id } = await create();
    const { body } = await patch(id, { runAt: null, delay: 'PT2H' }, 1);
    expect(body).toMatchObject({ runAt: null, delay: 'PT2H', nextRunAt: '2026-11-20T14:00:00.000Z' });
  });

  it('200: null is a value where it means that there is no cap', async () => {
    const { id } = await create();
    const { status, body } = await patch(id, { maxPerUserPerDay: null }, 1);
    expect([status, body.maxPerUserPerDay, body.maxPerUserPerWeek]).toEqual([200, null, 10]);
  });

  it('403: a MARKETER changes schedules, an ANALYST does not, and only an ADMIN what is transactional', async () => {
    const { id } = await create();
    const call = { body: { category: 'transactional' }, headers: { 'If-Match': '"1"' } };
    const marketer = await service.withRole('MARKETER');
    const analyst = await service.withRole('ANALYST');
    expect((await marketer('PATCH', `/v1/schedules/${id}`, call)).body.code).toBe('auth.role-missing');
    expect((await analyst('PATCH', `/v1/schedules/${id}`, call)).body.code).toBe('auth.scope-missing');
    expect((await marketer('PATCH', `/v1/schedules/${id}`, { ...call, body: { name: 'M' } })).status).toBe(
      200,
    );
    expect((await patch(id, { category: 'transactional' }, 2)).status).toBe(200);
  });
});

describe('a change of a schedule whose occurrence has begun', () => {
  it('200: by default leaves that occurrence at its version', async () => {
    const { id } = await create();
    await begin(id);
    const { status, body } = await patch(id, { content: { body: 'new' } }, 1);
    expect([status, body.version, body.nextRunAt]).toEqual([200, 2, null]);
    expect(await deliveredVersion(id)).toBe(1);
  });

  it('200: with apply=running has it go on by the new version', async () => {
    const { id } = await create();
    await begin(id);
    await patch(id, { content: { body: 'new' } }, 1, '?apply=running');
    expect([await deliveredVersion(id), await commands(id)]).toEqual([2, [1, 2]]);
  });

  it('200: apply=running takes up afterwards what was meant for the future, without a new version', async () => {
    const { id } = await create();
    await begin(id);
    await patch(id, { content: { body: 'new' } }, 1);
    const { body } = await patch(id, {}, 2, '?apply=running');
    expect([body.version, await deliveredVersion(id)]).toEqual([2, 2]);
    expect(await commands(id)).toEqual([1, 2, 2]);
  });

  it('200: apply=running leaves a closed occurrence alone', async () => {
    const { id } = await create();
    await begin(id);
    await sql(`update occurrence set state = 'completed' where schedule_id = $1`, id);
    await patch(id, { content: { body: 'new' } }, 1, '?apply=running');
    expect(await deliveredVersion(id)).toBe(1);
  });

  it.each(['', '?apply=running'])('409: cannot move its time any more (%s)', async (query) => {
    const { id } = await create();
    await begin(id);
    const { status, body } = await patch(id, { runAt: '2026-12-05T09:00:00' }, 1, query);
    expect([status, body.code]).toEqual([409, 'schedule.state.conflict']);
    expect(await read(id)).toMatchObject({ version: 1, runAt: base.runAt });
  });

  it('200: of a paused one keeps it paused', async () => {
    const { id } = await create();
    await service.admin('POST', `/v1/schedules/${id}/pause`);
    const { body } = await patch(id, { runAt: '2026-12-05T09:00:00' }, 1);
    expect(body).toMatchObject({ status: 'paused', version: 2, nextRunAt: null });
    const resumed = await service.admin('POST', `/v1/schedules/${id}/resume`);
    expect(resumed.body.nextRunAt).toBe('2026-12-04T19:00:00.000Z');
  });
});

const patchAtOnce = (id: string, tag: string): Promise<TestAnswer[]> =>
  Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      service.admin('PATCH', `/v1/schedules/${id}`, {
        body: { name: `Name ${n}` },
        headers: { 'If-Match': tag },
      }),
    ),
  );

describe('24 changes at once', () => {
  it('412: to one version: exactly one wins', async () => {
    const { id } = await create();
    const statuses = (await patchAtOnce(id, '"1"')).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(23).fill(412)]);
    expect(await commands(id)).toEqual([1, 2]);
  });

  it('200: with If-Match: * they follow each other', async () => {
    const { id } = await create();
    const answers = await patchAtOnce(id, '*');
    expect(answers.map(({ status }) => status)).toEqual(Array(24).fill(200));
    expect(new Set(answers.map(({ body }) => body.version)).size).toBe(24);
    expect((await read(id)).version).toBe(25);
  });
});
