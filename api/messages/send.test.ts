import { messageDay, uuidOfMessageId } from '../../domain/messages/message-id';
import { content, errorsOf, hello, startMessages } from '../../test/api/messages';
import type { MessageService } from '../../test/api/messages';

let api: MessageService;

beforeAll(async () => {
  api = await startMessages();
});
afterAll(() => api.service.stop());
beforeEach(() => api.clear());

describe('POST /v1/messages', () => {
  it('202: accepts a message to be sent now, and shows it', async () => {
    const answer = await api.post({});
    expect(answer.status).toBe(202);
    const { id } = answer.body;
    expect(answer.headers.get('location')).toBe(`/v1/messages/${id}`);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^msg_/),
      recipient: 'ada',
      channel: 'email',
      templateId: null,
      content,
      data: { what: 'done' },
      category: 'marketing',
      priority: 3,
      status: 'pending',
      reason: null,
      dueAt: '2026-11-20T12:00:00.000Z',
      sendLocal: null,
      timeZone: 'Asia/Kathmandu',
      timeZoneSource: 'profile',
      locale: null,
      expiresAt: '2026-11-21T12:00:00.000Z',
      attempts: 0,
      createdAt: '2026-11-20T12:00:00.000Z',
      settledAt: null,
      latenessMs: null,
    });
    expect((await api.read(id)).body).toEqual(answer.body);
    expect(api.written).toEqual([
      expect.objectContaining({
        uuid: uuidOfMessageId(id),
        waiting: expect.objectContaining({ priority: 3 }),
      }),
    ]);
  });

  it('202: many at once, each under a key and the first of its day, wait for no connection of another', async () => {
    const days = Array.from({ length: 8 }, (_, n) => `P${n + 100}D`);
    const answers = await Promise.all(
      days.map((delay) => api.post({ delay }, { 'Idempotency-Key': `first of ${delay}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(days.map(() => 202));
  });

  it('202: keeps what it says sealed, and out of logs', async () => {
    const { body } = await api.post({ data: { what: 'a secret' }, dedupeKey: 'order of ada@example.com' });
    const { rows } = await api.service.deps.db.pool.query(
      'select p.*, m.*, d.* from pending_message p join message_data m using (id) join message_dedupe d on d.message_id = p.id',
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, api.service.log])).not.toMatch(/secret|ada@example|Hello/);
    expect((await api.read(body.id)).body.data).toEqual({ what: 'a secret' });
  });

  it.each([
    [{ sendAt: '2026-12-01T09:00:00+05:45' }, '2026-12-01T03:15:00.000Z', null],
    [{ sendLocal: '2026-12-01T09:00:00' }, '2026-12-01T03:15:00.000Z', '2026-12-01T09:00:00'],
    [{ sendLocal: { day: 'tomorrow', time: '09:00' } }, '2026-11-21T03:15:00.000Z', '2026-11-21T09:00:00'],
    [{ sendLocal: { day: '2026-12-24', time: '18:30' } }, '2026-12-24T12:45:00.000Z', '2026-12-24T18:30:00'],
    [{ delay: 'P1D' }, '2026-11-21T12:00:00.000Z', null],
    [{ sendAt: '2026-11-20T11:00:00Z' }, '2026-11-20T11:00:00.000Z', null],
  ])('202: is due as %j says', async (time, dueAt, sendLocal) => {
    const { status, body } = await api.post(time);
    expect([status, body.dueAt, body.sendLocal]).toEqual([202, dueAt, sendLocal]);
    expect(messageDay(uuidOfMessageId(body.id) ?? '')).toBe(dueAt.slice(0, 10));
  });

  it("202: reads the day in the zone of the tenant when the person's is not known", async () => {
    const { body } = await api.post({
      recipient: 'nobody-knows-where',
      sendLocal: { day: 'today', time: '18:00' },
    });
    expect([body.dueAt, body.timeZoneSource]).toEqual(['2026-11-20T18:00:00.000Z', 'default']);
  });

  it.each([
    [{ sendAt: '2026-11-20T10:59:59Z' }, '/sendAt', 'time.past'],
    [{ sendLocal: { day: 'today', time: '09:00' } }, '/sendLocal', 'time.past'],
    [{ sendAt: '2031-12-31T09:00:00Z' }, '/sendAt', 'time.invalid'],
    [{ sendAt: '2026-12-01T09:00:00' }, '/sendAt', 'time.invalid'],
    [{ sendLocal: '2026-12-01T09:00:00Z' }, '/sendLocal', 'time.invalid'],
    [{ sendLocal: { day: 'someday', time: '09:00' } }, '/sendLocal/day', 'time.invalid'],
    [{ sendLocal: { day: 'today', time: '9' } }, '/sendLocal/time', 'time.invalid'],
    [{ sendLocal: { day: 'today' } }, '/sendLocal', 'time.invalid'],
    [{ delay: 'P5Y' }, '/delay', 'duration.invalid'],
    [{ delay: 'P1828D' }, '/delay', 'time.invalid'],
    [{ delay: 'PT1M', sendAt: '2026-12-01T09:00:00Z' }, '/delay', 'field.conflict'],
    [{ delay: 'P1D', expiresAt: '2026-11-21T12:00:00Z' }, '/expiresAt', 'field.conflict'],
    [{ recipient: 'eve' }, '/recipient', 'reference.unknown'],
    [{ channel: 'sms' }, '/channel', 'field.not-built'],
    [{ channel: 'webhook', content: { body: 'x' } }, '/channel', 'channel.not-configured'],
    [{ templateId: 'tpl_x' }, '/templateId', 'field.conflict'],
    [{ content: null }, '/templateId', 'field.conflict'],
    [{ content: null, templateId: 'tpl_x' }, '/templateId', 'template.unusable'],
    [{ content: { body: '{{#open}}' } }, '/content/body', 'field.format'],
    [{ content: { ...content, requiredVariables: ['hour'] } }, '/data', 'variable.missing'],
    [{ priority: 6 }, '/priority', 'field.value'],
    [{ dedupeKey: '' }, '/dedupeKey', 'field.too-short'],
    [{ sendat: '2026-12-01T09:00:00Z' }, '/sendat', 'field.unknown'],
  ])('422: refuses %j', async (fields, pointer, code) => {
    const answer = await api.post(fields);
    expect([answer.status, errorsOf(answer)]).toEqual([422, [[pointer, code]]]);
    expect(api.written).toEqual([]);
  });

  it('202: takes a required variable from the person, and waits for one that may still come', async () => {
    const required = { ...content, requiredVariables: ['first_name'] };
    expect((await api.post({ content: required })).status).toBe(202);
    expect((await api.post({ content: required, recipient: 'bob' })).status).toBe(422);
    expect((await api.post({ content: required, recipient: 'bob', delay: 'PT1H' })).status).toBe(202);
    const never = await api.post({ content: required, delay: 'PT1H', data: { first_name: null } });
    expect(errorsOf(never)).toEqual([['/data', 'variable.missing']]);
  });

  it('uses a template that is active and speaks on the channel', async () => {
    const template = {
      name: 'parcel',
      channel: 'email',
      variants: { en: { subject: 'A', body: 'B {{what}}' } },
    };
    const { status, body } = await api.service.admin('POST', '/v1/templates', {
      body: { ...template, defaultLocale: 'en', requiredVariables: ['what'] },
    });
    expect([status, body]).toEqual([201, expect.anything()]);
    const by = { content: null, templateId: body.id };
    expect((await api.post(by)).body).toMatchObject({
      templateId: body.id,
      content: null,
      data: { what: 'done' },
    });
    expect(errorsOf(await api.post({ ...by, data: {} }))).toEqual([['/data', 'variable.missing']]);
    expect(errorsOf(await api.post({ ...by, channel: 'noop' }))).toEqual([
      ['/templateId', 'template.unusable'],
    ]);
    const other = await api.service.otherTenant();
    await other.send('PUT', '/v1/recipients/ada', { body: {} });
    const theirs = await other.send('POST', '/v1/messages', { body: { ...hello, ...by } });
    expect(errorsOf(theirs)).toEqual([['/templateId', 'template.unusable']]);
    await api.service.admin('DELETE', `/v1/templates/${body.id}`);
    expect(errorsOf(await api.post(by))).toEqual([['/templateId', 'template.unusable']]);
  });

  it('403: leaves what is transactional to administrators', async () => {
    const marketer = await api.service.withRole('MARKETER');
    const send = (category: string) => marketer('POST', '/v1/messages', { body: { ...hello, category } });
    expect((await send('news')).status).toBe(202);
    expect((await send('transactional')).body.code).toBe('auth.role-missing');
    expect((await api.post({ category: 'transactional' })).status).toBe(202);
    const analyst = await api.service.withRole('ANALYST');
    expect((await analyst('POST', '/v1/messages', { body: hello })).status).toBe(403);
  });

  it('200: accepts one message for a key, and shows it to whoever comes later', async () => {
    const first = await api.post({ dedupeKey: 'order 5' });
    expect(first.status).toBe(202);
    api.service.clock.now += 60_000;
    const again = await api.post({ dedupeKey: 'order 5', data: { what: 'different' } });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await api.post({ dedupeKey: 'order 6' })).status).toBe(202);
    const other = await api.service.otherTenant();
    await other.send('PUT', '/v1/recipients/ada', { body: {} });
    expect(
      (await other.send('POST', '/v1/messages', { body: { ...hello, dedupeKey: 'order 5' } })).status,
    ).toBe(202);
    api.service.clock.now -= 60_000;
  });

  it('200: one of a thousand that come with the same key at once is accepted', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => api.post({ dedupeKey: 'at once' })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('202: forgets a key after seven days, unless its message still waits', async () => {
    const { now } = api.service.clock;
    const waits = await api.post({ dedupeKey: 'long', delay: 'P30D' });
    const goes = await api.post({ dedupeKey: 'short' });
    await api.service.deps.db.pool.query('delete from pending_message where id = $1', [
      uuidOfMessageId(goes.body.id),
    ]);
    api.service.clock.now += 7 * 86_400_000;
    expect((await api.post({ dedupeKey: 'long' })).body.id).toBe(waits.body.id);
    expect((await api.post({ dedupeKey: 'short' })).status).toBe(202);
    api.service.clock.now = now;
  });

  it('replays the answer to an Idempotency-Key, and sends nothing twice', async () => {
    const headers = { 'Idempotency-Key': 'again' };
    const first = await api.post({}, headers);
    const again = await api.post({}, headers);
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await api.service.admin('GET', '/v1/messages')).body.items).toHaveLength(1);
    expect(api.written).toHaveLength(1);
  });

  it('one that is wrong does not keep others back that come in the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        api.post(n % 4 === 0 ? { recipient: 'eve' } : { priority: 1 + (n % 5) }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? 422 : 202)),
    );
    expect(api.written).toHaveLength(30);
  });
});

describe('GET /v1/messages/:id', () => {
  it('404: knows neither another tenant’s message nor a word that is no id', async () => {
    const { body } = await api.post({});
    const other = await api.service.otherTenant();
    expect((await other.send('GET', `/v1/messages/${body.id}`)).body.code).toBe('message.unknown');
    expect((await api.read('msg_nothing')).body.code).toBe('message.unknown');
  });

  it('shows the outcome once there is one', async () => {
    const { body } = await api.post({});
    await api.service.admin('DELETE', `/v1/messages/${body.id}`);
    const over = await api.read(body.id);
    expect(over.body).toEqual({
      ...body,
      status: 'cancelled',
      priority: null,
      expiresAt: null,
      createdAt: null,
      settledAt: '2026-11-20T12:00:00.000Z',
    });
  });
});
