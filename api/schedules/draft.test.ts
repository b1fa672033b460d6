import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  // Somebody for every audience here: a schedule for nobody is answered with a warning.
  await service.admin('PUT', '/v1/recipients/ada', {
    body: { email: 'ada@example.com', attributes: { plan: 'a' } },
  });
});
afterAll(() => service.stop());
beforeEach(() => {
  service.announced.count = 0;
});

const base = {
  name: 'News',
  channel: 'email',
  content: { body: 'b' },
  runAt: '2026-12-01T09:00:00',
  draft: true,
};

async function draft(extra: object = {}): Promise<TestAnswer['body']> {
  const answer = await service.admin('POST', '/v1/schedules', { body: { ...base, ...extra } });
  expect(answer.status).toBe(201);
  return answer.body;
}

const post = (id: string, command: string): Promise<TestAnswer> =>
  service.admin('POST', `/v1/schedules/${id}/${command}`);

const patch = (id: string, body: unknown, version: number): Promise<TestAnswer> =>
  service.admin('PATCH', `/v1/schedules/${id}`, { body, headers: { 'If-Match': `"${version}"` } });

const commands = async (id: string): Promise<number> =>
  (await service.deps.db.pool.query('select 1 from outbox where schedule_id = $1', [id])).rowCount ?? 0;

describe('a draft', () => {
  it('201: has no next run and no workflow', async () => {
    const body = await draft();
    expect(body).toMatchObject({ status: 'draft', draft: true, version: 1, nextRunAt: null });
    expect(await commands(body.id)).toBe(0);
  });

  it('201: may name a time that is past and a template that is not there', async () => {
    const { content: _, ...rest } = base;
    await draft({ runAt: '2020-01-01T09:00:00' });
    const answer = await service.admin('POST', '/v1/schedules', {
      body: { ...rest, templateId: 'tpl_soon' },
    });
    expect(answer.status).toBe(201);
  });

  it('200: changes under versions of its own and stays a draft', async () => {
    const { id } = await draft();
    const { status, body } = await patch(id, { name: 'Better' }, 1);
    expect([status, body.status, body.version, body.draft]).toEqual([200, 'draft', 2, true]);
    const { draft: _, ...withoutDraft } = base;
    const replaced = await service.admin('PUT', `/v1/schedules/${id}`, {
      body: withoutDraft,
      headers: { 'If-Match': '"2"' },
    });
    expect([replaced.body.status, replaced.body.draft]).toEqual(['draft', true]);
    expect(await commands(id)).toBe(0);
  });

  it('422: is published by its own command and by no change', async () => {
    const { id } = await draft();
    const early = await patch(id, { draft: false }, 1);
    expect([early.status, early.body.errors[0].pointer]).toEqual([422, '/draft']);
    await post(id, 'publish');
    const back = await patch(id, { draft: true }, 2);
    expect([back.status, back.body.errors[0].code]).toEqual([422, 'field.conflict']);
  });

  it('202: is cancelled without any workflow', async () => {
    const { id } = await draft();
    expect((await post(id, 'cancel')).body.status).toBe('cancelled');
    expect(await commands(id)).toBe(0);
  });
});

describe('POST /v1/schedules/:id/publish', () => {
  it('202: makes a schedule of it, as a version of its own, and commands the workflow', async () => {
    const { id } = await draft();
    const { status, headers, body } = await post(id, 'publish');
    expect([status, headers.get('etag')]).toEqual([202, '"2"']);
    expect(body).toMatchObject({
      status: 'scheduled',
      draft: false,
      version: 2,
      nextRunAt: '2026-11-30T19:00:00.000Z',
    });
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body).toEqual(body);
    expect([await commands(id), service.announced.count]).toEqual([1, 1]);
    expect((await patch(id, { name: 'Late edit of the draft' }, 1)).status).toBe(412);
  });

  it('202: counts a delay from now', async () => {
    const { id } = await draft({ runAt: null, delay: 'PT1H' });
    service.clock.now += 3_600_000;
    const { body } = await post(id, 'publish');
    service.clock.now -= 3_600_000;
    expect(body.nextRunAt).toBe('2026-11-20T14:00:00.000Z');
  });

  it('422: judges all that a draft may leave open', async () => {
    const { content: _, ...rest } = base;
    const body = { ...rest, templateId: 'tpl_none', runAt: '2020-01-01T09:00:00' };
    const { id } = (await service.admin('POST', '/v1/schedules', { body })).body;
    const answer = await post(id, 'publish');
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map(({ code }: { code: string }) => code).toSorted()).toEqual([
      'template.unusable',
      'time.past',
    ]);
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body.status).toBe('draft');
  });

  it('409: only once, also when many ask at the same time', async () => {
    const { id } = await draft();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(id, 'publish')));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409, 409, 409, 409]);
    expect(await commands(id)).toBe(1);
  });

  it('409: names the state that it cannot be done in', async () => {
    const { id } = await draft();
    await post(id, 'publish');
    await post(id, 'pause');
    const { status, body } = await post(id, 'publish');
    expect([status, body.code]).toEqual([409, 'schedule.state.conflict']);
    expect(body.detail).toContain('paused');
  });

  it('403: a MARKETER cannot publish what an ADMIN drafted as transactional', async () => {
    const { id } = await draft({ category: 'transactional' });
    const marketer = await service.withRole('MARKETER');
    const { status, body } = await marketer('POST', `/v1/schedules/${id}/publish`);
    expect([status, body.code]).toEqual([403, 'auth.role-missing']);
  });

  it('404: does not know a stranger', async () => {
    expect((await post('sch_none', 'publish')).body.code).toBe('schedule.unknown');
  });
});
