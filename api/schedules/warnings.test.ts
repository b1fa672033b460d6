import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
let templateId: string;
beforeAll(async () => {
  service = await startService();
  const people: Record<string, object> = {
    ada: { locale: 'en', attributes: { first_name: 'Ada', plan: 'free' } },
    bob: { locale: 'en', attributes: { first_name: 'Bob', address: { city: 'Rome' } } },
    cy: { locale: 'de-AT', attributes: { first_name: null, anrede: 'Frau' } },
    dee: { locale: 'de', attributes: {} },
    eve: { attributes: { first_name: '' } },
  };
  for (const [id, body] of Object.entries(people))
    await service.admin('PUT', `/v1/recipients/${id}`, { body: { email: `${id}@example.com`, ...body } });
  const template = await service.admin('POST', '/v1/templates', {
    body: {
      name: 'Welcome',
      channel: 'email',
      variants: {
        en: { body: 'Hi {{first_name}} from {{address.city}}{{#plan}} on {{plan}}{{/plan}} {{coupon}}' },
        de: { body: 'Hallo {{anrede}}' },
      },
      defaultLocale: 'en',
      requiredVariables: ['first_name'],
    },
  });
  templateId = template.body.id;
});
afterAll(() => service.stop());

const body = (more: object): object => ({
  name: 'News',
  channel: 'email',
  templateId,
  data: { coupon: 'SPRING' },
  runAt: '2026-12-01T09:00:00',
  ...more,
});

const create = (more: object): Promise<TestAnswer> =>
  service.admin('POST', '/v1/schedules', { body: body(more) });

const told = ({ body: answered }: TestAnswer): [string, string, number, number][] =>
  (answered.warnings ?? []).map(
    ({ code, variable, people, of }: { code: string; variable: string; people: number; of: number }) => [
      code,
      variable,
      people,
      of,
    ],
  );

const all = [
  ['variable.missing', 'first_name', 2, 5],
  ['variable.empty', 'address.city', 2, 5],
  ['variable.empty', 'anrede', 1, 5],
];

describe('a schedule that is published', () => {
  it('202: tells how many people lack what its content reads in their own language', async () => {
    const draft = await create({ draft: true });
    expect(draft.body).not.toHaveProperty('warnings');
    const published = await service.admin('POST', `/v1/schedules/${draft.body.id}/publish`);
    expect(published.status).toBe(202);
    expect(told(published)).toEqual(all);
    expect(published.body.warnings[0].message).toBe(
      'first_name: 2 of 5 people have no value for it; the content requires it, so that they get nothing',
    );
  });

  it('201, 200: tells so too when it never was a draft, or is changed', async () => {
    const created = await create({});
    expect(told(created)).toEqual(all);
    const patch = { audienceQuery: { anredeExists: true } };
    const changed = await service.admin('PATCH', `/v1/schedules/${created.body.id}`, {
      body: patch,
      headers: { 'If-Match': '"1"' },
    });
    expect(told(changed)).toEqual([['variable.missing', 'first_name', 1, 1]]);
    expect((await service.admin('GET', `/v1/schedules/${created.body.id}`)).body).not.toHaveProperty(
      'warnings',
    );
    const put = await service.admin('PUT', `/v1/schedules/${created.body.id}`, {
      body: changed.body,
      headers: { 'If-Match': '*' },
    });
    expect(put.status).toBe(200);
  });

  it('200: tells so in a preview, where nothing has been written', async () => {
    const { status, body: shown } = await service.admin('POST', '/v1/schedules/preview', {
      body: { schedule: body({ audienceQuery: { recipients: ['ada', 'bob', 'dee'] } }) },
    });
    expect(status).toBe(200);
    expect(told({ body: shown } as TestAnswer)).toEqual([
      ['variable.missing', 'first_name', 1, 3],
      ['variable.empty', 'address.city', 1, 3],
      ['variable.empty', 'anrede', 1, 3],
    ]);
  });

  it('counts by a segment, and says nothing of what the data give', async () => {
    const segment = await service.admin('POST', '/v1/segments', {
      body: { name: 'English', query: { locale: 'en' } },
    });
    const content = { body: '{{first_name}} {{address.city}} {{coupon}}' };
    const more = { templateId: null, content, audienceQuery: { segment: segment.body.id } };
    expect(told(await create(more))).toEqual([['variable.empty', 'address.city', 1, 2]]);
    expect(told(await create({ ...more, data: { coupon: 'X', address: { city: 'Here' } } }))).toEqual([]);
    expect(told(await create({ ...more, data: { coupon: null, address: { city: 'Here' } } }))).toEqual([
      ['variable.empty', 'coupon', 2, 2],
    ]);
  });

  it('says nothing where nobody lacks anything', async () => {
    const content = { body: 'Hello {{#first_name}}{{first_name}}{{/first_name}}' };
    expect((await create({ templateId: null, content })).body).not.toHaveProperty('warnings');
  });

  it('says how many have no address for the channel, worst first', async () => {
    const { send } = await service.otherTenant();
    const post = (path: string, document: object): Promise<TestAnswer> =>
      send('POST', path, { body: document });
    for (const [id, person] of Object.entries({
      ada: { email: 'ada@example.com', attributes: { first_name: 'Ada' } },
      bob: { phone: '+4915112345678', attributes: { first_name: 'Bob' } },
      cy: {},
    })) {
      await send('PUT', `/v1/recipients/${id}`, { body: person });
    }
    const schedule = body({ templateId: null, content: { body: 'Hi {{first_name}}' } });
    const { body: shown } = await post('/v1/schedules/preview', { schedule });
    expect(shown.warnings).toEqual([
      {
        code: 'address.missing',
        variable: null,
        people: 2,
        of: 3,
        examined: 'everybody',
        message: '2 of 3 people have no address for the channel and get nothing',
      },
      expect.objectContaining({ code: 'variable.empty', variable: 'first_name', people: 1 }),
    ]);
    const contents = {
      email: { variants: { en: { body: 'b' } } },
      noop: { variants: { en: { body: 'b' } } },
    };
    const anybody = { ...schedule, fallbackChannels: ['noop'], content: { contents } };
    expect((await post('/v1/schedules/preview', { schedule: anybody })).body.warnings).toEqual([]);
    const unaddressed = await post('/v1/schedules/preview', { schedule: { ...schedule, channel: 'noop' } });
    expect(told(unaddressed)).toEqual([['variable.empty', 'first_name', 1, 3]]);
  });

  it('says that nobody is there, as behind a misspelt attribute', async () => {
    for (const audienceQuery of [{ plan: 'none' }, { plann: 'premium' }]) {
      const { status, body: answered } = await create({ audienceQuery });
      expect([status, answered.warnings]).toEqual([
        201,
        [
          expect.objectContaining({
            code: 'audience.empty',
            variable: null,
            people: 0,
            examined: 'everybody',
          }),
        ],
      ]);
    }
  });
});

describe('a schedule of a tenant with more people than a command looks at', () => {
  it('201: says that the count is of a part; publishing and a preview count everybody', async () => {
    const { tenantId, send } = await service.otherTenant();
    await service.deps.db.pool.query(
      `insert into recipient (tenant_id, external_id, attributes)
       select $1, 'p' || n, '{}' from generate_series(1, 10001) n`,
      [tenantId],
    );
    const content = { body: 'Hi {{first_name}}' };
    const post = (path: string, document?: object): Promise<TestAnswer> =>
      send('POST', path, { body: document });
    const created = await post('/v1/schedules', body({ channel: 'noop', templateId: null, content }));
    expect(created.body.warnings).toEqual([
      {
        code: 'variable.empty',
        variable: 'first_name',
        people: 10_000,
        of: 10_000,
        examined: 'part',
        message:
          'first_name: 10000 of the 10000 people looked at, who are not all, have no value for it; ' +
          'there will be nothing where it stands',
      },
    ]);
    const draft = await post(
      '/v1/schedules',
      body({ channel: 'noop', templateId: null, content, draft: true }),
    );
    const published = await post(`/v1/schedules/${draft.body.id}/publish`);
    const preview = await post('/v1/schedules/preview', {
      schedule: body({ channel: 'noop', templateId: null, content }),
    });
    for (const answer of [published, preview]) {
      expect(answer.body.warnings).toEqual([
        expect.objectContaining({ people: 10_001, of: 10_001, examined: 'everybody' }),
      ]);
    }
  });
});
