import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  for (const id of ['one', 'two', 'three', 'four', 'five']) {
    await service.admin('PUT', `/v1/recipients/${id}`, { body: { email: `${id}@example.com` } });
  }
});
afterAll(() => service.stop());

describe('GET /v1/recipients/:id', () => {
  it('200: answers what is known', async () => {
    const { status, body } = await service.admin('GET', '/v1/recipients/two');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 'two', email: 'two@example.com' });
  });

  it('404: does not know a stranger', async () => {
    const { status, body } = await service.admin('GET', '/v1/recipients/stranger');
    expect([status, body.code]).toEqual([404, 'recipient.unknown']);
  });
});

describe('GET /v1/recipients', () => {
  it('200: pages through everybody exactly once, in the order of creation', async () => {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await service.admin(
        'GET',
        `/v1/recipients?limit=2${cursor ? `&cursor=${cursor}` : ''}`,
      );
      expect(body.items.length).toBeLessThanOrEqual(2);
      ids.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(ids).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it.each(['0', '501', '-1', '1.5', 'ten', '', '0x10', '1e2', '%205', '1&limit=2'])(
    '422: refuses limit=%s',
    async (limit) => {
      const { status, body } = await service.admin('GET', `/v1/recipients?limit=${limit}`);
      expect(status).toBe(422);
      expect(body.errors).toEqual([
        expect.objectContaining({
          pointer: '/query/limit',
          message: 'query.limit: must be a whole number from 1 to 500',
        }),
      ]);
    },
  );

  it.each([
    'nonsense',
    Buffer.from("1' or '1'='1").toString('base64url'),
    'MTIz====',
    '%00',
    'x'.repeat(500),
  ])('422: refuses the cursor %s', async (cursor) => {
    const { status, body } = await service.admin('GET', `/v1/recipients?cursor=${cursor}`);
    expect(status).toBe(422);
    expect(body.errors[0].pointer).toBe('/query/cursor');
  });

  it('422: refuses a parameter that does not exist, and one that is given twice', async () => {
    const unknown = await service.admin('GET', '/v1/recipients?plan=premium');
    expect(unknown.body.errors).toEqual([
      { pointer: '/query/plan', code: 'field.unknown', message: 'query.plan: there is no such parameter' },
    ]);
    const twice = await service.admin('GET', '/v1/recipients?cursor=a&cursor=b');
    expect(twice.body.errors[0]).toMatchObject({ pointer: '/query/cursor', code: 'field.type' });
  });
});
