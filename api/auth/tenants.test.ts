import { startService } from '../../test/api/service';
import type { Send, TestService } from '../../test/api/service';
import { mountedRoutes } from '../../test/api/routes';
import { templateExample } from '../templates/schema';

let service: TestService;
let stranger: Send;
/** Ids of the default tenant's things, by the first part of the path under which they stand. */
const owned: Record<string, string> = {};

beforeAll(async () => {
  service = await startService();
  ({ send: stranger } = await service.otherTenant('Asia/Tokyo'));
  const { admin } = service;
  await admin('PUT', '/v1/recipients/ada', { body: { email: 'ada@example.com' } });
  owned['recipients'] = 'ada';
  owned['templates'] = (await admin('POST', '/v1/templates', { body: templateExample })).body.id;
  const schedule = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: '2026-12-01T09:00:00' };
  owned['schedules'] = (await admin('POST', '/v1/schedules', { body: schedule })).body.id;
  owned['api-keys'] = (await admin('POST', '/v1/api-keys', { body: { name: 'k', role: 'ANALYST' } })).body.id;
  const suppressed = { channel: 'email', address: 'ada@example.com' };
  owned['suppressions'] = (await admin('POST', '/v1/suppressions', { body: suppressed })).body.id;
  await admin('PUT', '/v1/recipients/gone', { body: {} });
  owned['jobs'] = (await admin('DELETE', '/v1/recipients/gone')).body.id;
});
afterAll(() => service.stop());

describe('a tenant', () => {
  it('404: sees nothing of another one on any route with an id', async () => {
    const withId = mountedRoutes(service.deps).filter(({ path }) => path.includes('some-id'));
    expect(withId.length).toBeGreaterThan(20);
    const bodies: Record<string, unknown> = {
      render: { channel: 'email' },
      decide: { decision: 'sent' },
      PATCH: {},
      PUT: templateExample,
    };
    for (const { method, path } of withId) {
      const kind = path.replace('/v1', '').split('/')[1] ?? '';
      // A PUT of a recipient creates: the stranger gets somebody of their own, which the next test looks at.
      if (method === 'PUT' && kind === 'recipients') continue;
      const body = bodies[path.split('/').at(-1) ?? ''] ?? bodies[method];
      const { status } = await stranger(method, path.replace('some-id', owned[kind] ?? ''), {
        headers: { 'If-Match': '"1"' },
        ...(body !== undefined && { body }),
      });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
  });

  it('lists nothing of another one', async () => {
    for (const path of ['/v1/recipients', '/v1/templates', '/v1/schedules']) {
      expect((await stranger('GET', path)).body.items).toEqual([]);
    }
    const keys = await stranger('GET', '/v1/api-keys');
    expect(keys.body.items.map(({ id }: { id: string }) => id)).not.toContain(owned['api-keys']);
  });

  it('has recipients of its own under the same ids', async () => {
    const created = await stranger('PUT', '/v1/recipients/ada', { body: { email: 'other@example.com' } });
    expect(created.status).toBe(201);
    expect(created.body.effectiveTimeZone).toBe('Asia/Tokyo');
    expect((await service.admin('GET', '/v1/recipients/ada')).body.email).toBe('ada@example.com');
    await stranger('DELETE', '/v1/recipients/ada');
    expect((await service.admin('GET', '/v1/recipients/ada')).status).toBe(200);
  });

  it('counts only its own people in a preview', async () => {
    const body = { schedule: { runAt: '2026-12-01T09:00:00' } };
    expect((await stranger('POST', '/v1/schedules/preview', { body })).body.audience.total).toBe(0);
  });

  it('left everything of the other one as it was', async () => {
    const schedule = await service.admin('GET', `/v1/schedules/${owned['schedules']}`);
    expect(schedule.body).toMatchObject({ status: 'scheduled', archivedAt: null });
    const template = await service.admin('GET', `/v1/templates/${owned['templates']}`);
    expect(template.body).toMatchObject({ version: 1, active: true });
    const keys = await service.admin('GET', '/v1/api-keys');
    expect(keys.body.items.every(({ revokedAt }: { revokedAt: string | null }) => revokedAt === null)).toBe(
      true,
    );
  });
});
