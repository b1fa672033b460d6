import { startMessages } from '../../test/api/messages';
import type { MessageService } from '../../test/api/messages';

let api: MessageService;

beforeAll(async () => {
  api = await startMessages();
});
afterAll(() => api.service.stop());
beforeEach(() => api.clear());

async function list(query: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { status, body } = await api.service.admin('GET', `/v1/messages?${query}${next}`);
    expect(status).toBe(200);
    ids.push(...body.items.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  } while (cursor !== null);
  return ids;
}

async function posted(fields: object): Promise<string> {
  return (await api.post(fields)).body.id;
}

describe('GET /v1/messages', () => {
  it('shows those that wait, the soonest first, then those that are over, by every filter and page size', async () => {
    const later = await posted({ delay: 'PT2H', priority: 1 });
    const soon = await posted({ delay: 'PT1H', category: 'news' });
    const bobs = await posted({ delay: 'PT3H', recipient: 'bob', channel: 'noop' });
    const over = await posted({ sendAt: '2026-11-20T11:30:00Z' });
    const overLater = await posted({ delay: 'P2D', recipient: 'bob' });
    for (const gone of [over, overLater]) await api.service.admin('DELETE', `/v1/messages/${gone}`);
    for (const limit of [1, 2, 3, 4, 50]) {
      expect(await list(`limit=${limit}`)).toEqual([soon, later, bobs, overLater, over]);
    }
    expect(await list('recipient=bob&limit=1')).toEqual([bobs, overLater]);
    expect(await list('recipient=eve')).toEqual([]);
    expect(await list('status=pending&limit=2')).toEqual([soon, later, bobs]);
    expect(await list('status=cancelled&limit=1')).toEqual([overLater, over]);
    expect(await list('category=news')).toEqual([soon]);
    expect(await list('channel=noop')).toEqual([bobs]);
    const other = await api.service.otherTenant();
    expect((await other.send('GET', '/v1/messages')).body).toEqual({ items: [], nextCursor: null });
  });

  it('422: knows its own cursors only', async () => {
    for (const place of ['w/1/x', 'o/1', '', 'nothing']) {
      const cursor = Buffer.from(place).toString('base64url');
      expect((await api.service.admin('GET', `/v1/messages?cursor=${cursor || 'x'}`)).status).toBe(422);
    }
  });
});
