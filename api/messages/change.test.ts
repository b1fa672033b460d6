import { content, errorsOf, startMessages } from '../../test/api/messages';
import type { MessageService } from '../../test/api/messages';
import type { TestAnswer } from '../../test/api/service';

let api: MessageService;

beforeAll(async () => {
  api = await startMessages();
});
afterAll(() => api.service.stop());
beforeEach(() => api.clear());

function patch(id: string, body: object): Promise<TestAnswer> {
  return api.service.admin('PATCH', `/v1/messages/${id}`, { body });
}

describe('PATCH /v1/messages/:id', () => {
  it('200: moves a message, and what it expires by with it', async () => {
    const { body } = await api.post({ delay: 'PT1H' });
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
    expect((await api.read(body.id)).body).toEqual(moved.body);
    expect(api.written.map(({ due }) => due.toISOString())).toEqual([body.dueAt, moved.body.dueAt]);
  });

  it('200: changes words, data, urgency and expiry, and leaves the time as it is', async () => {
    const { body } = await api.post({
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
    const { body } = await api.post({ sendLocal: '2026-12-01T09:00' });
    expect((await patch(body.id, body)).body).toEqual(body);
  });

  it('200: does not judge again the time of a message that was overtaken by its instant', async () => {
    const { body } = await api.post({ expiresAt: '2026-12-01T09:00:00Z' });
    const { now } = api.service.clock;
    api.service.clock.now += 7_200_000;
    expect((await patch(body.id, { priority: 2 })).body).toEqual({ ...body, priority: 2 });
    api.service.clock.now = now;
  });

  it('200: gives a message that was put off its new instant as if for the first time', async () => {
    const { body } = await api.post({});
    await api.service.deps.db.pool.query('update pending_message set state = 2, reason = 33');
    expect((await api.read(body.id)).body).toMatchObject({ status: 'held', reason: 'cap-day' });
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
    const { body } = await api.post({});
    expect(errorsOf(await patch(body.id, fields))).toEqual([[pointer, code]]);
    expect((await api.read(body.id)).body).toEqual(body);
  });

  it('409: comes too late for one that is being sent, or over; 404 for none', async () => {
    const { body } = await api.post({});
    await api.claim(body.id);
    expect((await patch(body.id, { priority: 1 })).body).toMatchObject({ code: 'message.state.conflict' });
    const over = await api.post({});
    await api.service.admin('DELETE', `/v1/messages/${over.body.id}`);
    expect((await patch(over.body.id, { priority: 1 })).status).toBe(409);
    expect((await patch('msg_nothing', { priority: 1 })).status).toBe(404);
  });

  it('lets changes at once follow each other', async () => {
    const { body } = await api.post({ data: {} });
    await Promise.all(Array.from({ length: 8 }, (_, n) => patch(body.id, { data: { [`key${n}`]: n } })));
    expect(Object.keys((await api.read(body.id)).body.data)).toHaveLength(8);
  });
});

describe('a recipient who moves to another zone', () => {
  it('takes along what waits for a wall time of theirs, and what it expires by', async () => {
    const { service } = api;
    await service.admin('PUT', '/v1/recipients/mover', { body: { timeZone: 'Asia/Kathmandu' } });
    const nine = { recipient: 'mover', sendLocal: '2026-12-01T09:00:00' };
    const local = (await api.post(nine)).body;
    const expiring = (await api.post({ ...nine, expiresAt: '2026-12-02T00:00:00Z' })).body;
    const fixed = (await api.post({ recipient: 'mover', sendAt: '2026-12-01T09:00:00Z' })).body;
    await service.admin('PATCH', '/v1/recipients/mover', { body: { timeZone: 'Pacific/Kiritimati' } });
    const there = { dueAt: '2026-11-30T19:00:00.000Z', timeZone: 'Pacific/Kiritimati' };
    expect((await api.read(local.id)).body).toEqual({
      ...local,
      ...there,
      expiresAt: '2026-12-01T19:00:00.000Z',
    });
    expect((await api.read(expiring.id)).body).toEqual({ ...expiring, ...there });
    expect((await api.read(fixed.id)).body).toEqual(fixed);
    expect(api.written.slice(3).map(({ due }) => due.toISOString())).toEqual([there.dueAt, there.dueAt]);
    await service.admin('PUT', '/v1/recipients/mover', { body: {} });
    expect((await api.read(local.id)).body).toMatchObject({
      dueAt: '2026-12-01T09:00:00.000Z',
      timeZone: 'UTC',
      timeZoneSource: 'default',
    });
  });
});
