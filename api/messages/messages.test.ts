import { messageDay, messageShard, uuidOfMessageId } from '../../domain/messages/message-id';
import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';
import { seedPeople } from '../../test/people';
import type { WrittenMessage } from '../deps';

let service: TestService;
const written: WrittenMessage[] = [];

beforeAll(async () => {
  service = await startService({ messagesWritten: (messages) => written.push(...messages) });
  const tenant = await service.deps.db.prisma.tenant.findFirstOrThrow();
  await seedPeople(service.deps.db, service.deps.keyRing, tenant.id, [
    { id: 'ada', email: 'ada@example.com', timeZone: 'Asia/Kathmandu', attributes: { first_name: 'Ada' } },
    { id: 'bob', timeZone: 'America/New_York' },
    { id: 'nobody-knows-where' },
  ]);
});
afterAll(() => service.stop());

beforeEach(async () => {
  written.length = 0;
  service.log.length = 0;
  await service.deps.db.pool.query(
    'truncate pending_message, message_dedupe, message_data, delivery, counter',
  );
});

const content = { subject: 'Hello {{first_name}}', body: 'It is {{what}}.' };
const hello = { recipient: 'ada', channel: 'email', content, data: { what: 'done' } };

const post = (body: object, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  service.admin('POST', '/v1/messages', { body: { ...hello, ...body }, headers });

const read = (id: string): Promise<TestAnswer> => service.admin('GET', `/v1/messages/${id}`);

const errorsOf = ({ body }: TestAnswer): [string, string][] =>
  body.errors.map(({ pointer, code }: Record<string, string>) => [pointer, code]);

async function claim(id: string): Promise<void> {
  await service.deps.db.pool.query('update pending_message set state = 3 where id = $1', [
    uuidOfMessageId(id),
  ]);
}

describe('POST /v1/messages', () => {
  it('202: accepts a message to be sent now, and shows it', async () => {
    const answer = await post({});
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
    expect((await read(id)).body).toEqual(answer.body);
    expect(written).toEqual([
      expect.objectContaining({
        uuid: uuidOfMessageId(id),
        waiting: expect.objectContaining({ priority: 3 }),
      }),
    ]);
  });

  it('202: keeps what it says sealed, and out of logs', async () => {
    const { body } = await post({ data: { what: 'a secret' }, dedupeKey: 'order of ada@example.com' });
    const { rows } = await service.deps.db.pool.query(
      'select p.*, m.*, d.* from pending_message p join message_data m using (id) join message_dedupe d on d.message_id = p.id',
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify([rows, service.log])).not.toMatch(/secret|ada@example|Hello/);
    expect((await read(body.id)).body.data).toEqual({ what: 'a secret' });
  });

  it.each([
    [{ sendAt: '2026-12-01T09:00:00+05:45' }, '2026-12-01T03:15:00.000Z', null],
    [{ sendLocal: '2026-12-01T09:00:00' }, '2026-12-01T03:15:00.000Z', '2026-12-01T09:00:00'],
    [{ sendLocal: { day: 'tomorrow', time: '09:00' } }, '2026-11-21T03:15:00.000Z', '2026-11-21T09:00:00'],
    [{ sendLocal: { day: '2026-12-24', time: '18:30' } }, '2026-12-24T12:45:00.000Z', '2026-12-24T18:30:00'],
    [{ delay: 'P1D' }, '2026-11-21T12:00:00.000Z', null],
    [{ sendAt: '2026-11-20T11:00:00Z' }, '2026-11-20T11:00:00.000Z', null],
  ])('202: is due as %j says', async (time, dueAt, sendLocal) => {
    const { status, body } = await post(time);
    expect([status, body.dueAt, body.sendLocal]).toEqual([202, dueAt, sendLocal]);
    expect(messageDay(uuidOfMessageId(body.id) ?? '')).toBe(dueAt.slice(0, 10));
  });

  it("202: reads the day in the zone of the tenant when the person's is not known", async () => {
    const { body } = await post({
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
    [{ templateId: 'tpl_x' }, '/templateId', 'field.conflict'],
    [{ content: null }, '/templateId', 'field.conflict'],
    [{ content: null, templateId: 'tpl_x' }, '/templateId', 'template.unusable'],
    [{ content: { body: '{{#open}}' } }, '/content/body', 'field.format'],
    [{ content: { ...content, requiredVariables: ['hour'] } }, '/data', 'variable.missing'],
    [{ priority: 6 }, '/priority', 'field.range'],
    [{ dedupeKey: '' }, '/dedupeKey', 'field.too-short'],
    [{ sendat: '2026-12-01T09:00:00Z' }, '/sendat', 'field.unknown'],
  ])('422: refuses %j', async (fields, pointer, code) => {
    const answer = await post(fields);
    expect([answer.status, errorsOf(answer)]).toEqual([422, [[pointer, code]]]);
    expect(written).toEqual([]);
  });

  it('202: takes a required variable from the person, and waits for one that may still come', async () => {
    const required = { ...content, requiredVariables: ['first_name'] };
    expect((await post({ content: required })).status).toBe(202);
    expect((await post({ content: required, recipient: 'bob' })).status).toBe(422);
    expect((await post({ content: required, recipient: 'bob', delay: 'PT1H' })).status).toBe(202);
    const never = await post({ content: required, delay: 'PT1H', data: { first_name: null } });
    expect(errorsOf(never)).toEqual([['/data', 'variable.missing']]);
  });

  it('uses a template that is active and speaks on the channel', async () => {
    const template = {
      name: 'parcel',
      channel: 'email',
      variants: { en: { subject: 'A', body: 'B {{what}}' } },
    };
    const { status, body } = await service.admin('POST', '/v1/templates', {
      body: { ...template, defaultLocale: 'en', requiredVariables: ['what'] },
    });
    expect([status, body]).toEqual([201, expect.anything()]);
    const by = { content: null, templateId: body.id };
    expect((await post(by)).body).toMatchObject({
      templateId: body.id,
      content: null,
      data: { what: 'done' },
    });
    expect(errorsOf(await post({ ...by, data: {} }))).toEqual([['/data', 'variable.missing']]);
    expect(errorsOf(await post({ ...by, channel: 'noop' }))).toEqual([['/templateId', 'template.unusable']]);
    const other = await service.otherTenant();
    await other.send('PUT', '/v1/recipients/ada', { body: {} });
    const theirs = await other.send('POST', '/v1/messages', { body: { ...hello, ...by } });
    expect(errorsOf(theirs)).toEqual([['/templateId', 'template.unusable']]);
    await service.admin('DELETE', `/v1/templates/${body.id}`);
    expect(errorsOf(await post(by))).toEqual([['/templateId', 'template.unusable']]);
  });

  it('403: leaves what is transactional to administrators', async () => {
    const marketer = await service.withRole('MARKETER');
    const send = (category: string) => marketer('POST', '/v1/messages', { body: { ...hello, category } });
    expect((await send('news')).status).toBe(202);
    expect((await send('transactional')).body.code).toBe('auth.role-missing');
    expect((await post({ category: 'transactional' })).status).toBe(202);
    const analyst = await service.withRole('ANALYST');
    expect((await analyst('POST', '/v1/messages', { body: hello })).status).toBe(403);
  });

  it('200: accepts one message for a key, and shows it to whoever comes later', async () => {
    const first = await post({ dedupeKey: 'order 5' });
    expect(first.status).toBe(202);
    service.clock.now += 60_000;
    const again = await post({ dedupeKey: 'order 5', data: { what: 'different' } });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await post({ dedupeKey: 'order 6' })).status).toBe(202);
    const other = await service.otherTenant();
    await other.send('PUT', '/v1/recipients/ada', { body: {} });
    expect(
      (await other.send('POST', '/v1/messages', { body: { ...hello, dedupeKey: 'order 5' } })).status,
    ).toBe(202);
    service.clock.now -= 60_000;
  });

  it('200: one of a thousand that come with the same key at once is accepted', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => post({ dedupeKey: 'at once' })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('202: forgets a key after seven days, unless its message still waits', async () => {
    const { now } = service.clock;
    const waits = await post({ dedupeKey: 'long', delay: 'P30D' });
    const goes = await post({ dedupeKey: 'short' });
    await service.deps.db.pool.query('delete from pending_message where id = $1', [
      uuidOfMessageId(goes.body.id),
    ]);
    service.clock.now += 7 * 86_400_000;
    expect((await post({ dedupeKey: 'long' })).body.id).toBe(waits.body.id);
    expect((await post({ dedupeKey: 'short' })).status).toBe(202);
    service.clock.now = now;
  });

  it('replays the answer to an Idempotency-Key, and sends nothing twice', async () => {
    const headers = { 'Idempotency-Key': 'again' };
    const first = await post({}, headers);
    const again = await post({}, headers);
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await service.admin('GET', '/v1/messages')).body.items).toHaveLength(1);
    expect(written).toHaveLength(1);
  });

  it('one that is wrong does not keep others back that come in the same moment', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        post(n % 4 === 0 ? { recipient: 'eve' } : { priority: 1 + (n % 5) }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      Array.from({ length: 40 }, (_, n) => (n % 4 === 0 ? 422 : 202)),
    );
    expect(written).toHaveLength(30);
  });
});

describe('GET /v1/messages/:id', () => {
  it('404: knows neither another tenant’s message nor a word that is no id', async () => {
    const { body } = await post({});
    const other = await service.otherTenant();
    expect((await other.send('GET', `/v1/messages/${body.id}`)).body.code).toBe('message.unknown');
    expect((await read('msg_nothing')).body.code).toBe('message.unknown');
  });

  it('shows the outcome once there is one', async () => {
    const { body } = await post({});
    await service.admin('DELETE', `/v1/messages/${body.id}`);
    const over = await read(body.id);
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

describe('PATCH /v1/messages/:id', () => {
  const patch = (id: string, body: object): Promise<TestAnswer> =>
    service.admin('PATCH', `/v1/messages/${id}`, { body });

  it('200: moves a message, and what it expires by with it', async () => {
    const { body } = await post({ delay: 'PT1H' });
    const moved = await patch(body.id, { sendLocal: { day: 'tomorrow', time: '09:00' } });
    expect([moved.status, moved.body]).toEqual([
      200,
      {
        ...body,
        dueAt: '2026-11-21T03:15:00.000Z',
        sendLocal: '2026-11-21T09:00:00',
        expiresAt: '2026-11-22T03:15:00.000Z',
      },
    ]);
    expect((await read(body.id)).body).toEqual(moved.body);
    expect(written.map(({ due }) => due.toISOString())).toEqual([body.dueAt, moved.body.dueAt]);
  });

  it('200: changes words, data, urgency and expiry, and leaves the time as it is', async () => {
    const { body } = await post({
      sendLocal: { day: 'tomorrow', time: '09:00' },
      data: { what: 'done', more: 1 },
    });
    const changed = await patch(body.id, {
      content: { body: 'New.' },
      data: { more: null, other: 2 },
      priority: 1,
      expiresAt: '2026-11-21T04:00:00Z',
    });
    expect(changed.body).toEqual({
      ...body,
      content: { ...content, body: 'New.' },
      data: { what: 'done', other: 2 },
      priority: 1,
      expiresAt: '2026-11-21T04:00:00.000Z',
    });
    const moved = await patch(body.id, { delay: 'PT1H' });
    expect(moved.body.expiresAt).toBe('2026-11-21T04:00:00.000Z');
  });

  it('200: takes what GET showed, and changes nothing', async () => {
    const { body } = await post({ sendLocal: '2026-12-01T09:00' });
    expect((await patch(body.id, body)).body).toEqual(body);
  });

  it('200: does not judge again the time of a message that was overtaken by its instant', async () => {
    const { body } = await post({ expiresAt: '2026-12-01T09:00:00Z' });
    const { now } = service.clock;
    service.clock.now += 7_200_000;
    expect((await patch(body.id, { priority: 2 })).body).toEqual({ ...body, priority: 2 });
    service.clock.now = now;
  });

  it('200: gives a message that was put off its new instant as if for the first time', async () => {
    const { body } = await post({});
    await service.deps.db.pool.query('update pending_message set state = 2, reason = 33');
    expect((await read(body.id)).body).toMatchObject({ status: 'held', reason: 'cap-day' });
    expect((await patch(body.id, { priority: 2 })).body).toMatchObject({ status: 'held', reason: 'cap-day' });
    expect((await patch(body.id, { delay: 'PT1H' })).body).toMatchObject({ status: 'pending', reason: null });
  });

  it.each([
    [{ recipient: 'bob' }, '/recipient', 'field.conflict'],
    [{ channel: 'noop' }, '/channel', 'field.conflict'],
    [{ category: 'news' }, '/category', 'field.conflict'],
    [{ dedupeKey: 'x' }, '/dedupeKey', 'field.conflict'],
    [{ templateId: 'tpl_x' }, '/templateId', 'field.conflict'],
    [{ sendAt: '2026-11-19T12:00:00Z' }, '/sendAt', 'time.past'],
    [{ expiresAt: '2026-11-19T12:00:00Z' }, '/expiresAt', 'field.conflict'],
    [{ nonsense: 1 }, '/nonsense', 'field.unknown'],
  ])('422: refuses %j and changes nothing', async (fields, pointer, code) => {
    const { body } = await post({});
    expect(errorsOf(await patch(body.id, fields))).toEqual([[pointer, code]]);
    expect((await read(body.id)).body).toEqual(body);
  });

  it('409: comes too late for one that is being sent, or over; 404 for none', async () => {
    const { body } = await post({});
    await claim(body.id);
    expect((await patch(body.id, { priority: 1 })).body).toMatchObject({ code: 'message.state.conflict' });
    const over = await post({});
    await service.admin('DELETE', `/v1/messages/${over.body.id}`);
    expect((await patch(over.body.id, { priority: 1 })).status).toBe(409);
    expect((await patch('msg_nothing', { priority: 1 })).status).toBe(404);
  });

  it('lets changes at once follow each other', async () => {
    const { body } = await post({ data: {} });
    await Promise.all(Array.from({ length: 8 }, (_, n) => patch(body.id, { data: { [`key${n}`]: n } })));
    expect(Object.keys((await read(body.id)).body.data)).toHaveLength(8);
  });
});

describe('DELETE /v1/messages/:id', () => {
  const cancel = (id: string): Promise<TestAnswer> => service.admin('DELETE', `/v1/messages/${id}`);

  it('204: records it cancelled, counters included, however often it is asked for', async () => {
    const { body } = await post({});
    expect([(await cancel(body.id)).status, (await cancel(body.id)).status]).toEqual([204, 204]);
    const figures = await service.admin('GET', '/v1/notifications/metrics?from=2026-11-20&to=2026-11-21');
    expect(figures.body).toMatchObject({ considered: 1, cancelled: 1 });
  });

  it('409: comes too late for one that is being sent; 404 for another tenant’s', async () => {
    const { body } = await post({});
    const other = await service.otherTenant();
    expect((await other.send('DELETE', `/v1/messages/${body.id}`)).status).toBe(404);
    await claim(body.id);
    expect((await cancel(body.id)).body).toMatchObject({ code: 'message.state.conflict' });
  });
});

describe('POST /v1/messages/cancel', () => {
  const cancel = (body: object): Promise<TestAnswer> =>
    service.admin('POST', '/v1/messages/cancel', { body });

  it('200: cancels those of its ids that wait', async () => {
    const ids = (await Promise.all([post({}), post({}), post({})])).map(({ body }) => body.id);
    await claim(ids[0]);
    expect((await cancel({ ids: [...ids, 'msg_nothing'] })).body).toEqual({ cancelled: 2 });
    expect((await cancel({ ids })).body).toEqual({ cancelled: 0 });
  });

  it.each([
    [{ recipient: 'bob' }, 1],
    [{ category: 'news' }, 1],
    [{ channel: 'noop' }, 1],
    [{ dueBefore: '2026-11-20T13:00:00Z' }, 3],
    [{ dueAfter: '2026-11-20T13:00:00Z' }, 1],
    [{ dueAfter: '2026-11-20T12:00:00Z', dueBefore: '2026-11-20T13:00:00Z', recipient: 'ada' }, 2],
  ])('200: cancels what satisfies %j', async (filter, cancelled) => {
    await post({ recipient: 'bob' });
    await post({ category: 'news' });
    await post({ channel: 'noop' });
    await post({ delay: 'PT1H' });
    const other = await service.otherTenant();
    await other.send('PUT', '/v1/recipients/bob', { body: {} });
    await other.send('POST', '/v1/messages', { body: { ...hello, recipient: 'bob' } });
    expect((await cancel({ filter })).body).toEqual({ cancelled });
    expect((await cancel({ filter })).body).toEqual({ cancelled: 0 });
    expect((await other.send('GET', '/v1/messages')).body.items).toHaveLength(1);
  });

  it('422: wants either ids or a filter, and one that says something', async () => {
    for (const body of [
      {},
      { ids: ['a'], filter: { recipient: 'ada' } },
      { filter: {} },
      { filter: { dueAfter: 'x' } },
    ]) {
      expect((await cancel(body)).status).toBe(422);
    }
  });
});

describe('GET /v1/messages', () => {
  const list = async (query: string): Promise<string[]> => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? '' : `&cursor=${cursor}`;
      const { status, body } = await service.admin('GET', `/v1/messages?${query}${next}`);
      expect(status).toBe(200);
      ids.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    return ids;
  };

  it('shows those that wait, the soonest first, then those that are over, by every filter and page size', async () => {
    const id = async (fields: object): Promise<string> => (await post(fields)).body.id;
    const later = await id({ delay: 'PT2H', priority: 1 });
    const soon = await id({ delay: 'PT1H', category: 'news' });
    const bobs = await id({ delay: 'PT3H', recipient: 'bob', channel: 'noop' });
    const over = await id({ sendAt: '2026-11-20T11:30:00Z' });
    const overLater = await id({ delay: 'P2D', recipient: 'bob' });
    for (const gone of [over, overLater]) await service.admin('DELETE', `/v1/messages/${gone}`);
    for (const limit of [1, 2, 3, 4, 50]) {
      expect(await list(`limit=${limit}`)).toEqual([soon, later, bobs, overLater, over]);
    }
    expect(await list('recipient=bob&limit=1')).toEqual([bobs, overLater]);
    expect(await list('recipient=eve')).toEqual([]);
    expect(await list('status=pending&limit=2')).toEqual([soon, later, bobs]);
    expect(await list('status=cancelled&limit=1')).toEqual([overLater, over]);
    expect(await list('category=news')).toEqual([soon]);
    expect(await list('channel=noop')).toEqual([bobs]);
    const other = await service.otherTenant();
    expect((await other.send('GET', '/v1/messages')).body).toEqual({ items: [], nextCursor: null });
  });

  it('422: knows its own cursors only', async () => {
    for (const place of ['w/1/x', 'o/1', '', 'nothing']) {
      const cursor = Buffer.from(place).toString('base64url');
      expect((await service.admin('GET', `/v1/messages?cursor=${cursor || 'x'}`)).status).toBe(422);
    }
  });
});

describe('POST /v1/messages/batch', () => {
  const batch = (messages: unknown[], headers = {}): Promise<TestAnswer> =>
    service.admin('POST', '/v1/messages/batch', { body: { messages }, headers });

  it('202: answers every message, and accepts those that are right', async () => {
    const marketer = await service.withRole('MARKETER');
    const messages = [
      hello,
      { ...hello, recipient: 'eve' },
      { ...hello, dedupeKey: 'twice' },
      { ...hello, dedupeKey: 'twice' },
      { ...hello, category: 'transactional' },
      'no message',
    ];
    const { status, body } = await marketer('POST', '/v1/messages/batch', { body: { messages } });
    expect(status).toBe(202);
    expect(body.items.map((item: { index: number; status: number }) => [item.index, item.status])).toEqual([
      [0, 202],
      [1, 422],
      [2, 202],
      [3, 200],
      [4, 403],
      [5, 422],
    ]);
    expect(body.items[3].id).toBe(body.items[2].id);
    expect(body.items[1].problem.errors[0].pointer).toBe('/messages/1/recipient');
    expect((await read(body.items[0].id)).body).toMatchObject({ status: 'pending', content });
    expect(written).toHaveLength(2);
  });

  it('202: takes ten thousand messages as lines, spread over all shards', async () => {
    const line = JSON.stringify({
      recipient: 'ada',
      channel: 'noop',
      content,
      data: { what: 'x'.repeat(100) },
      delay: 'PT1H',
    });
    const { status, body } = await service.admin('POST', '/v1/messages/batch', {
      rawBody: Array.from({ length: 10_000 }, () => line).join('\n'),
      headers: { 'Content-Type': 'application/x-ndjson' },
    });
    expect(status).toBe(202);
    expect(body.items.every((item: { status: number }) => item.status === 202)).toBe(true);
    const ids: string[] = body.items.map(({ id }: { id: string }) => uuidOfMessageId(id) ?? '');
    expect(new Set(ids).size).toBe(10_000);
    expect(new Set(ids.map(messageShard)).size).toBe(16);
    const cancelled = await service.admin('POST', '/v1/messages/cancel', {
      body: { filter: { channel: 'noop' } },
    });
    expect(cancelled.body).toEqual({ cancelled: 10_000 });
  });

  it('400 and 422: names the line that is no JSON, and takes neither none nor too many', async () => {
    const lines = (rawBody: string) =>
      service.admin('POST', '/v1/messages/batch', {
        rawBody,
        headers: { 'Content-Type': 'application/x-ndjson' },
      });
    expect((await lines(`${JSON.stringify(hello)}\n\n{\n`)).body).toMatchObject({
      code: 'body.malformed',
      detail: expect.stringContaining('Line 3'),
    });
    expect((await lines('\n')).status).toBe(422);
    expect((await batch([])).status).toBe(422);
    expect((await batch(Array.from({ length: 10_001 }, () => 1))).status).toBe(422);
  });

  it('replays the answer to an Idempotency-Key', async () => {
    const first = await batch([hello, hello], { 'Idempotency-Key': 'batch' });
    const again = await batch([hello, hello], { 'Idempotency-Key': 'batch' });
    expect([first.status, again.body]).toEqual([202, first.body]);
    expect(written).toHaveLength(2);
  });
});

describe('erasing a recipient', () => {
  it('ends what waits for them, and leaves nobody able to read it', async () => {
    await service.admin('PUT', '/v1/recipients/leaver', { body: {} });
    const { body } = await post({ recipient: 'leaver', delay: 'P1D' });
    const sending = await post({ recipient: 'leaver' });
    await claim(sending.body.id);
    const mine = await post({});
    expect((await service.admin('DELETE', '/v1/recipients/leaver')).status).toBe(202);
    expect((await read(body.id)).body).toMatchObject({
      status: 'erased',
      recipient: null,
      content: null,
      data: {},
    });
    expect((await read(sending.body.id)).body).toMatchObject({
      status: 'claimed',
      recipient: null,
      data: {},
    });
    expect((await read(mine.body.id)).body).toEqual(mine.body);
  });
});
