import { ADMIN_KEY, startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';
import { mountedRoutes } from '../../test/api/routes';
import type { MountedRoute } from '../../test/api/routes';

let service: TestService;
let routes: MountedRoute[];
beforeAll(async () => {
  service = await startService();
  routes = mountedRoutes(service.deps);
});
afterAll(() => service.stop());

const guarded = (): MountedRoute[] => routes.filter(({ route }) => route.access !== 'public');

describe('a credential', () => {
  it('401: is asked for on every route but the public ones, before the body is read', async () => {
    expect(guarded().length).toBeGreaterThan(25);
    for (const { method, path } of guarded()) {
      const answer = await service.anonymous(method, path, method === 'GET' ? {} : { rawBody: '{ not json' });
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 401, 'auth.missing']);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it('is not asked for on the public routes', () => {
    const open = routes.filter(({ route }) => route.access === 'public').map(({ path }) => path);
    const page = ['/docs', '/docs/reference.js', '/docs/swagger-ui-bundle.js', '/docs/swagger-ui.css'];
    expect(open.toSorted()).toEqual(['/', ...page, '/healthz', '/metrics', '/openapi.json', '/readyz']);
  });

  it.each([
    ['a wrong key', 'Bearer sk_wrong'],
    ['a key that only begins like the right one', `Bearer ${ADMIN_KEY}x`],
    ['another scheme', `Basic ${Buffer.from(`admin:${ADMIN_KEY}`).toString('base64')}`],
    ['no scheme', ADMIN_KEY],
    ['an empty key', 'Bearer '],
    ['SQL', "Bearer sk_'or'1'='1"],
    ['two keys', `Bearer ${ADMIN_KEY} ${ADMIN_KEY}`],
  ])('401: refuses %s', async (_what, authorization) => {
    const { status, body } = await service.as(authorization)('GET', '/v1/recipients');
    expect([status, body.code]).toEqual([401, 'auth.invalid']);
  });

  it('401: says of a JSON Web Token that these are not accepted yet', async () => {
    const jwt = 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
    const { status, body } = await service.as(jwt)('GET', '/v1/recipients');
    expect([status, body.code]).toEqual([401, 'auth.jwt-not-built']);
    expect(body.detail).toContain('API keys');
  });

  it('may name its scheme in any case', async () => {
    expect((await service.as(`bearer ${ADMIN_KEY}`)('GET', '/v1/recipients')).status).toBe(200);
  });
});

describe('a role', () => {
  it('403: an ANALYST reads and never writes', async () => {
    const analyst = await service.withRole('ANALYST');
    for (const { route, method, path } of guarded()) {
      if (route.access === 'notification:read') continue;
      const { status, body } = await analyst(method, path, route.body ? { rawBody: '{ not json' } : {});
      const code = route.access === 'admin' ? 'auth.role-missing' : 'auth.scope-missing';
      expect([method, path, status, body.code]).toEqual([method, path, 403, code]);
    }
    expect((await analyst('GET', '/v1/recipients')).status).toBe(200);
  });

  it('403: only an ADMIN manages keys', async () => {
    const marketer = await service.withRole('MARKETER');
    const { status, body } = await marketer('POST', '/v1/api-keys', { body: { name: 'x', role: 'ADMIN' } });
    expect([status, body.code]).toEqual([403, 'auth.role-missing']);
  });

  it('403: scopes narrow what the role allows', async () => {
    const reader = await service.withRole('MARKETER', { scopes: ['notification:read'] });
    expect((await reader('GET', '/v1/templates')).status).toBe(200);
    const { status, body } = await reader('PUT', '/v1/recipients/x', { body: {} });
    expect([status, body.code]).toEqual([403, 'auth.scope-missing']);
    const writer = await service.withRole('MARKETER', { scopes: ['notification:write'] });
    expect((await writer('GET', '/v1/templates')).status).toBe(403);
  });

  it('403: scopes narrow an ADMIN too, who so cannot widen a key of their own', async () => {
    const reader = await service.withRole('ADMIN', { scopes: ['notification:read'] });
    const body = { name: 'wider', role: 'ADMIN' };
    for (const [method, path, call] of [
      ['POST', '/v1/api-keys', { body }],
      ['DELETE', '/v1/api-keys/key_none', {}],
    ] as const) {
      const answer = await reader(method, path, call);
      expect([method, answer.status, answer.body.code]).toEqual([method, 403, 'auth.scope-missing']);
    }
    expect((await reader('GET', '/v1/api-keys')).status).toBe(200);
    const writer = await service.withRole('ADMIN', { scopes: ['notification:write'] });
    expect((await writer('GET', '/v1/api-keys')).status).toBe(403);
  });

  it('403: scopes that the role does not include add nothing', async () => {
    const analyst = await service.withRole('ANALYST', {
      scopes: ['notification:read', 'notification:write'],
    });
    expect((await analyst('PUT', '/v1/recipients/x', { body: {} })).status).toBe(403);
  });
});
