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

const base = {
  name: 'News',
  channel: 'email',
  content: { subject: 's', body: 'b' },
  runAt: '2026-12-01T09:00:00',
};

const create = (body: unknown): Promise<TestAnswer> => service.admin('POST', '/v1/schedules', { body });

const codesOf = (answer: TestAnswer): [string, string][] =>
  answer.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]);

describe('POST /v1/schedules', () => {
  it('201: answers the whole schedule with every default', async () => {
    const answer = await create({ ...base, scheduleType: 'once' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/schedules/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"1"');
    const { id, createdAt, updatedAt, links, ...rest } = answer.body;
    expect(rest).toEqual({
      name: 'News',
      channel: 'email',
      fallbackChannels: [],
      templateId: null,
      content: { subject: 's', body: 'b' },
      data: {},
      category: 'marketing',
      priority: 3,
      tags: [],
      audienceQuery: {},
      scheduleType: 'once',
      runAt: '2026-12-01T09:00:00',
      delay: null,
      cronExpression: null,
      rrule: null,
      timeZoneMode: 'user-local',
      timeZone: null,
      startsAt: null,
      endsAt: null,
      maxOccurrences: null,
      excludeDates: [],
      holidays: null,
      businessHours: null,
      gap: 'forward',
      overlap: 'first',
      monthEnd: 'skip',
      concurrency: 'allow',
      late: { policy: 'send', graceSeconds: 3600 },
      catchUp: { windowSeconds: 3600, max: 1 },
      expiresAfter: 'PT24H',
      onUnknown: 'resend',
      quietHours: null,
      maxPerUserPerDay: 3,
      maxPerUserPerWeek: 10,
      capWindow: 'rolling',
      onCap: 'drop',
      onThrottleUnavailable: 'wait',
      drip: null,
      steps: [],
      trigger: null,
      draft: false,
      status: 'scheduled',
      version: 1,
      appliedVersion: 0,
      nextRunAt: '2026-11-30T19:00:00.000Z',
      createdBy: 'admin',
      archivedAt: null,
    });
    expect([createdAt, updatedAt]).toEqual(['2026-11-20T12:00:00.000Z', '2026-11-20T12:00:00.000Z']);
    expect(links.temporalUi).toBe(`http://temporal.test/namespaces/default/workflows/schedule%2F${id}`);
  });

  it('201: commits schedule, version and command together and announces the command', async () => {
    const before = service.announced.count;
    const { body } = await create(base);
    const { rows } = await service.deps.db.pool.query(
      `select o.version, o.done_at, v.config->>'name' as name
         from outbox o join schedule_version v on v.schedule_id = o.schedule_id where o.schedule_id = $1`,
      [body.id],
    );
    expect(rows).toEqual([{ version: 1, done_at: null, name: 'News' }]);
    expect(service.announced.count).toBe(before + 1);
  });

  it('201: takes back what it answered', async () => {
    const { body } = await create({ ...base, tags: ['a'], audienceQuery: { plan: 'premium' } });
    const again = await create(body);
    expect(again.status).toBe(201);
    const { id: _, links: __, ...rest } = body;
    expect(again.body).toMatchObject(rest);
  });

  it('answers under /schedules too', async () => {
    const { status, body } = await service.admin('POST', '/schedules', { body: base });
    expect(status).toBe(201);
    expect((await service.admin('GET', `/schedules/${body.id}`)).body).toEqual(body);
  });

  it('422: names everything that is wrong at once, rules across fields included', async () => {
    const answer = await create({
      name: 7,
      channel: 'email',
      content: { body: '{{#open}}' },
      runAt: '2026-02-30T09:00:00',
      timeZone: 'Paris',
      audienceQuery: { all: [{ attribute: 'plan', op: 'like', value: 'x' }] },
      expiresAfter: 'P1M',
      tags: 'news',
      cronExpression: '0 9 * * *',
      color: 'red',
    });
    expect(answer.status).toBe(422);
    expect(codesOf(answer)).toEqual(
      expect.arrayContaining([
        ['/name', 'field.type'],
        ['/timeZone', 'zone.unknown'],
        ['/tags', 'field.type'],
        ['/cronExpression', 'field.not-built'],
        ['/color', 'field.unknown'],
        ['/expiresAfter', 'duration.invalid'],
        ['/content/body', 'field.format'],
        ['/audienceQuery/all/0/op', 'field.value'],
      ]),
    );
  });

  it('422: says what is required', async () => {
    expect(codesOf(await create({}))).toEqual([
      ['/name', 'field.required'],
      ['/channel', 'field.required'],
      ['/runAt', 'field.conflict'],
      ['/templateId', 'field.conflict'],
    ]);
  });

  it('403: lets only an ADMIN set the category transactional', async () => {
    const marketer = await service.withRole('MARKETER');
    const body = { ...base, category: 'transactional' };
    const refused = await marketer('POST', '/v1/schedules', { body });
    expect([refused.status, refused.body.code]).toEqual([403, 'auth.role-missing']);
    expect((await create(body)).body.category).toBe('transactional');
  });
});

describe('the content of a schedule', () => {
  const { content: _, ...withoutContent } = base;

  it('201: may be a template that is active and has the channel', async () => {
    const template = await service.admin('POST', '/v1/templates', { body: templateExample });
    const { status, body } = await create({ ...withoutContent, templateId: template.body.id });
    expect([status, body.templateId, body.content]).toEqual([201, template.body.id, null]);
  });

  it('422: refuses a template that does not exist, is inactive, archived, or lacks the channel', async () => {
    const make = async (extra: object): Promise<string> =>
      (await service.admin('POST', '/v1/templates', { body: { ...templateExample, ...extra } })).body.id;
    const archived = await make({});
    await service.admin('DELETE', `/v1/templates/${archived}`);
    for (const templateId of ['tpl_none', await make({ active: false }), archived]) {
      expect(codesOf(await create({ ...withoutContent, templateId }))).toEqual([
        ['/templateId', 'template.unusable'],
      ]);
    }
    const emailOnly = await create({ ...withoutContent, channel: 'noop', templateId: await make({}) });
    expect(emailOnly.body.errors[0].message).toBe(
      'templateId: the template has no content for the channel noop',
    );
  });

  it("422: refuses another tenant's template", async () => {
    const other = await service.otherTenant();
    const theirs = await other.send('POST', '/v1/templates', { body: templateExample });
    expect(codesOf(await create({ ...withoutContent, templateId: theirs.body.id }))).toEqual([
      ['/templateId', 'template.unusable'],
    ]);
  });

  it('422: wants exactly one of templateId and content', async () => {
    expect(codesOf(await create(withoutContent))).toEqual([['/templateId', 'field.conflict']]);
    expect(codesOf(await create({ ...base, templateId: 'tpl_x' }))).toEqual([
      ['/templateId', 'field.conflict'],
    ]);
  });

  it('201: may be written by locale, or by channel as in a template', async () => {
    const variants = { de: { body: 'Hallo' }, en: { body: 'Hello' } };
    const byLocale = await create({ ...base, content: { variants, defaultLocale: 'de' } });
    const canonical = { contents: { email: { variants } }, defaultLocale: 'de', requiredVariables: [] };
    expect(byLocale.body.content).toEqual(canonical);
    expect((await create({ ...base, content: canonical })).body.content).toEqual(canonical);
  });

  it.each([
    [{}, '/content', 'field.conflict'],
    [{ body: 'b', variants: { en: { body: 'b' } } }, '/content', 'field.conflict'],
    [{ subject: 's', variants: { en: { body: 'b' } } }, '/content/subject', 'field.conflict'],
    [{ body: '' }, '/content/body', 'field.required'],
    [{ variants: { en: { body: '{{' } } }, '/content/variants/en/body', 'field.format'],
    [{ contents: { noop: { variants: { en: { body: 'b' } } } } }, '/content/contents', 'field.conflict'],
    [{ body: 'b', color: 1 }, '/content/color', 'field.unknown'],
    ['text', '/content', 'field.type'],
  ])('422: refuses %j', async (content, pointer, code) => {
    expect(codesOf(await create({ ...base, content }))).toEqual([[pointer, code]]);
  });
});

describe('the priority of a schedule', () => {
  it('201: is 3 unless it says otherwise', async () => {
    expect((await create(base)).body.priority).toBe(3);
    expect((await create({ ...base, priority: 1 })).body.priority).toBe(1);
  });

  it.each([0, 6, 2.5, '1', null])('422: is a whole number from 1 to 5, not %j', async (priority) => {
    expect(codesOf(await create({ ...base, priority }))).toEqual([['/priority', 'field.value']]);
  });
});

const contents = { email: { variants: { en: { body: 'b' } } }, noop: { variants: { en: { body: 'b' } } } };

const refused = async (fallbackChannels: unknown, content: unknown = { contents }) =>
  codesOf(await create({ ...base, fallbackChannels, content }));

const template = async (own: object): Promise<string> => {
  const body = { name: 'T', defaultLocale: 'en', ...own };
  return (await service.admin('POST', '/v1/templates', { body })).body.id;
};

describe('the fallback channels of a schedule', () => {
  it('201: are answered as they were given, and none by default', async () => {
    const { status, body } = await create({ ...base, fallbackChannels: ['noop'], content: { contents } });
    expect([status, body.fallbackChannels]).toEqual([201, ['noop']]);
    expect((await create(base)).body.fallbackChannels).toEqual([]);
  });

  it('422: are others than the channel, each once, with a text for each', async () => {
    expect(await refused(['email'])).toEqual([['/fallbackChannels/0', 'field.conflict']]);
    expect(await refused(['noop', 'noop'])).toEqual([['/fallbackChannels/1', 'field.conflict']]);
    expect(await refused(['noop'], { body: 'b' })).toEqual([['/fallbackChannels/0', 'field.conflict']]);
    expect(await refused(['sms'])).toEqual([['/fallbackChannels/0', 'field.not-built']]);
    expect(await refused(['pigeon'])).toEqual([['/fallbackChannels/0', 'field.value']]);
  });

  it('422: have a text in the template', async () => {
    const both = await template({ contents });
    const one = await template({ contents: { email: contents.email } });
    const { content: _, ...plain } = base;
    const fallbackChannels = ['noop'];
    expect((await create({ ...plain, fallbackChannels, templateId: both })).status).toBe(201);
    expect(codesOf(await create({ ...plain, fallbackChannels, templateId: one }))).toEqual([
      ['/fallbackChannels/0', 'field.conflict'],
    ]);
  });
});

describe('a field whose feature is not built yet', () => {
  it.each(
    Object.entries({
      channel: 'sms',
      scheduleType: 'cron',
      cronExpression: '0 9 * * *',
      rrule: 'FREQ=DAILY',
      startsAt: '2026-12-01',
      endsAt: '2026-12-31',
      maxOccurrences: 3,
      excludeDates: ['2026-12-24'],
      holidays: { calendars: ['US'], policy: 'skip' },
      businessHours: { days: [1], from: '09:00', to: '17:00', policy: 'next' },
      monthEnd: 'clamp',
      concurrency: 'queue',
      catchUp: { windowSeconds: 60, max: 1 },
      quietHours: { from: '22:00', to: '06:00' },
      drip: { entry: 'audience' },
      steps: [{ id: 'a', kind: 'exit' }],
      trigger: { event: 'signup' },
    }),
  )('422: %s accepts only its default', async (field, value) => {
    const answer = await create({ ...base, [field]: value });
    expect(codesOf(answer)).toContainEqual([`/${field}`, 'field.not-built']);
    expect(answer.body.errors[0].message).toContain(field);
  });

  it.each([
    [{ channel: 'sms' }, 'channel: the channel sms is not built yet: use email or webhook or noop'],
    [
      { channel: 'webhook' },
      'channel: webhook has no endpoint here: SUNDIAL_WEBHOOK_URL and SUNDIAL_WEBHOOK_SECRETS are not set',
    ],
    [{ quietHours: {} }, 'quietHours: Quiet hours are not built yet: leave it out, or send its default null'],
    [{ onCap: 'defer' }, 'onCap: the answer to a cap defer is not built yet: use drop'],
  ])('422: says what was sent and what may be: %j', async (field, message) => {
    const { body } = await create({ ...base, ...field });
    expect(body.errors.map((error: { message: string }) => error.message)).toContain(message);
  });

  it('201: takes caps as they are given, null as none', async () => {
    const caps = {
      maxPerUserPerDay: 1,
      maxPerUserPerWeek: null,
      capWindow: 'calendar',
      onThrottleUnavailable: 'allow',
    };
    const { status, body } = await create({ ...base, ...caps });
    expect(status).toBe(201);
    expect(body).toMatchObject({ ...caps, onCap: 'drop' });
  });

  it.each([
    ['maxPerUserPerDay', 0, 'must be at least 1; null means no cap'],
    ['maxPerUserPerWeek', -1, 'must be at least 1; null means no cap'],
    ['maxPerUserPerWeek', 1_001, 'must be at most 1000'],
    ['maxPerUserPerWeek', '10', 'must be a number, not a text'],
  ])('422: %s %p is no cap', async (field, value, fix) => {
    const { status, body } = await create({ ...base, [field]: value });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: `/${field}`, message: `${field}: ${fix}` }]);
  });

  it('422: half a message is no cap', async () => {
    const { body } = await create({ ...base, maxPerUserPerDay: 1.5 });
    expect(body.errors).toMatchObject([{ pointer: '/maxPerUserPerDay' }]);
  });

  it.each([
    ['capWindow', 'monthly'],
    ['onThrottleUnavailable', 'drop'],
  ])('422: %s %p does not exist', async (field, value) => {
    const { body } = await create({ ...base, [field]: value });
    expect(body.errors).toMatchObject([{ pointer: `/${field}` }]);
    expect(body.errors[0].message).toContain(field);
  });

  it.each(['next-day', 'start-zone'])('422: late.policy %s is not built yet', async (policy) => {
    expect(codesOf(await create({ ...base, late: { policy } }))).toEqual([
      ['/late/policy', 'field.not-built'],
    ]);
  });
});
