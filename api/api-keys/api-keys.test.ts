import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const create = (body: unknown): Promise<TestAnswer> => service.admin('POST', '/v1/api-keys', { body });

describe('POST /v1/api-keys', () => {
  it('201: shows a key once, which works at once', async () => {
    const { status, body } = await create({ name: 'newsletter', role: 'MARKETER' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'newsletter',
      role: 'MARKETER',
      scopes: ['notification:read', 'notification:write'],
      createdBy: 'admin',
      revokedAt: null,
    });
    expect(body.key).toMatch(/^sk_[\w-]{43}$/);
    expect(body.key.startsWith(body.prefix)).toBe(true);
    expect((await service.as(`Bearer ${body.key}`)('PUT', '/v1/recipients/x', { body: {} })).status).toBe(
      201,
    );
  });

  it('keeps only the hash of a key', async () => {
    const { body } = await create({ name: 'secret', role: 'ANALYST' });
    const { rows } = await service.deps.db.pool.query('select * from api_key');
    expect(JSON.stringify(rows)).not.toContain(body.key);
    expect((await service.admin('GET', '/v1/api-keys')).body.items[0]).not.toHaveProperty('key');
    expect(service.log.join('')).not.toContain(body.key);
  });

  it('422: names every wrong field', async () => {
    const { body } = await create({ name: '', role: 'ROOT', scopes: ['everything'], extra: 1 });
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/name',
      '/role',
      '/scopes/0',
      '/extra',
    ]);
  });

  it('403: refuses scopes beyond those of the caller, also those that come with the role', async () => {
    const writer = await service.withRole('ADMIN', { scopes: ['notification:write'] });
    const scopes = ['notification:read', 'notification:write'];
    for (const body of [
      { name: 'x', role: 'ADMIN', scopes },
      { name: 'x', role: 'ADMIN' },
    ]) {
      const answer = await writer('POST', '/v1/api-keys', { body });
      expect([answer.status, answer.body.code]).toEqual([403, 'auth.scope-missing']);
      expect(answer.body.detail).toContain('notification:read');
    }
    const equal = { name: 'x', role: 'ADMIN', scopes: ['notification:write'] };
    expect((await writer('POST', '/v1/api-keys', { body: equal })).status).toBe(201);
  });

  it('422: refuses a scope that the role does not include', async () => {
    const { body } = await create({
      name: 'x',
      role: 'ANALYST',
      scopes: ['notification:read', 'notification:write'],
    });
    expect(body.errors).toEqual([expect.objectContaining({ pointer: '/scopes/1', code: 'field.conflict' })]);
  });
});

describe('GET /v1/api-keys', () => {
  it('200: pages newest first', async () => {
    service.clock.now += 1_000;
    await create({ name: 'older', role: 'ANALYST' });
    await create({ name: 'newer', role: 'ANALYST' });
    const first = await service.admin('GET', '/v1/api-keys?limit=1');
    expect(first.body.items[0].name).toBe('newer');
    const second = await service.admin('GET', `/v1/api-keys?limit=1&cursor=${first.body.nextCursor}`);
    expect(second.body.items[0].name).toBe('older');
  });
});

describe('DELETE /v1/api-keys/:id', () => {
  it('204: revokes at once and for good', async () => {
    const { body } = await create({ name: 'leaked', role: 'ADMIN' });
    const leaked = service.as(`Bearer ${body.key}`);
    expect((await leaked('GET', '/v1/recipients')).status).toBe(200);
    expect((await service.admin('DELETE', `/v1/api-keys/${body.id}`)).status).toBe(204);
    expect((await leaked('GET', '/v1/recipients')).body.code).toBe('auth.invalid');
    expect((await service.admin('DELETE', `/v1/api-keys/${body.id}`)).status).toBe(204);
    const { items } = (await service.admin('GET', '/v1/api-keys')).body;
    expect(items.find(({ id }: { id: string }) => id === body.id).revokedAt).not.toBeNull();
  });

  it('404: does not know a stranger', async () => {
    expect((await service.admin('DELETE', '/v1/api-keys/key_none')).body.code).toBe('api-key.unknown');
  });
});
