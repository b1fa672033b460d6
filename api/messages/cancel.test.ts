import { hello, startMessages } from '../../test/api/messages';
import type { MessageService } from '../../test/api/messages';
import type { TestAnswer } from '../../test/api/service';

let api: MessageService;

beforeAll(async () => {
  api = await startMessages();
});
afterAll(() => api.service.stop());
beforeEach(() => api.clear());

function cancelMany(body: object): Promise<TestAnswer> {
  return api.service.admin('POST', '/v1/messages/cancel', { body });
}

describe('DELETE /v1/messages/:id', () => {
  it('204: records it cancelled, counters included, however often it is asked for', async () => {
    const { body } = await api.post({});
    expect([(await api.cancel(body.id)).status, (await api.cancel(body.id)).status]).toEqual([204, 204]);
    const figures = await api.service.admin('GET', '/v1/notifications/metrics?from=2026-11-20&to=2026-11-21');
    expect(figures.body).toMatchObject({ considered: 1, cancelled: 1 });
  });

  it('409: comes too late for one that is being sent; 404 for another tenant’s', async () => {
    const { body } = await api.post({});
    const other = await api.service.otherTenant();
    expect((await other.send('DELETE', `/v1/messages/${body.id}`)).status).toBe(404);
    await api.claim(body.id);
    expect((await api.cancel(body.id)).body).toMatchObject({ code: 'message.state.conflict' });
  });
});

describe('POST /v1/messages/cancel', () => {
  it('200: cancels those of its ids that wait', async () => {
    const ids = (await Promise.all([api.post({}), api.post({}), api.post({})])).map(({ body }) => body.id);
    await api.claim(ids[0]);
    expect((await cancelMany({ ids: [...ids, 'msg_nothing'] })).body).toEqual({ cancelled: 2 });
    expect((await cancelMany({ ids })).body).toEqual({ cancelled: 0 });
  });

  it.each([
    [{ recipient: 'bob' }, 1],
    [{ category: 'news' }, 1],
    [{ channel: 'noop' }, 1],
    [{ dueBefore: '2026-11-20T13:00:00Z' }, 3],
    [{ dueAfter: '2026-11-20T13:00:00Z' }, 1],
    [{ dueAfter: '2026-11-20T12:00:00Z', dueBefore: '2026-11-20T13:00:00Z', recipient: 'ada' }, 2],
  ])('200: cancels what satisfies %j', async (filter, cancelled) => {
    await api.post({ recipient: 'bob' });
    await api.post({ category: 'news' });
    await api.post({ channel: 'noop' });
    await api.post({ delay: 'PT1H' });
    const other = await api.service.otherTenant();
    await other.send('PUT', '/v1/recipients/bob', { body: {} });
    await other.send('POST', '/v1/messages', { body: { ...hello, recipient: 'bob' } });
    expect((await cancelMany({ filter })).body).toEqual({ cancelled });
    expect((await cancelMany({ filter })).body).toEqual({ cancelled: 0 });
    expect((await other.send('GET', '/v1/messages')).body.items).toHaveLength(1);
  });

  it('422: wants either ids or a filter, and one that says something', async () => {
    for (const body of [
      {},
      { ids: ['a'], filter: { recipient: 'ada' } },
      { filter: {} },
      { filter: { dueAfter: 'x' } },
    ]) {
      expect((await cancelMany(body)).status).toBe(422);
    }
  });
});

describe('erasing a recipient', () => {
  it('ends what waits for them, and leaves nobody able to read it', async () => {
    await api.service.admin('PUT', '/v1/recipients/leaver', { body: {} });
    const { body } = await api.post({ recipient: 'leaver', delay: 'P1D' });
    const sending = await api.post({ recipient: 'leaver' });
    await api.claim(sending.body.id);
    const mine = await api.post({});
    expect((await api.service.admin('DELETE', '/v1/recipients/leaver')).status).toBe(202);
    expect((await api.read(body.id)).body).toMatchObject({
      status: 'erased',
      recipient: null,
      content: null,
      data: {},
    });
    expect((await api.read(sending.body.id)).body).toMatchObject({
      status: 'claimed',
      recipient: null,
      data: {},
    });
    expect((await api.read(mine.body.id)).body).toEqual(mine.body);
  });
});
