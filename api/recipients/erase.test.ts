import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('DELETE /v1/recipients/:id', () => {
  it('202: destroys the key and every datum, leaves the bare rid, and reports the job', async () => {
    const body = {
      email: 'eve@example.com',
      timeZone: 'Asia/Tokyo',
      locale: 'ja',
      attributes: { secret: 'S3CRET' },
    };
    await service.admin('PUT', '/v1/recipients/eve', { body });

    const answer = await service.admin('DELETE', '/v1/recipients/eve');

    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      kind: 'erasure',
      status: 'completed',
      progress: { done: 1, total: 1, failed: 0 },
    });
    const job = await service.admin('GET', answer.headers.get('location') ?? '');
    expect(job.body).toEqual(answer.body);
    expect((await service.admin('GET', '/v1/recipients/eve')).status).toBe(404);
    expect((await service.admin('GET', '/v1/recipients')).body.items).toEqual([]);
    const { rows } = await service.deps.db.pool.query(
      'select r.*, k.wrapped from recipient r left join recipient_key k on k.rid = r.rid',
    );
    expect(rows).toEqual([
      expect.objectContaining({
        external_id: null,
        time_zone: null,
        zone: null,
        locale: null,
        email: null,
        phone: null,
        attributes: {},
        wrapped: null,
        erased_at: expect.any(Date),
      }),
    ]);
  });

  it('404: has nothing to erase a second time, or of a stranger', async () => {
    expect((await service.admin('DELETE', '/v1/recipients/eve')).status).toBe(404);
    expect((await service.admin('DELETE', '/v1/recipients/stranger')).status).toBe(404);
  });

  it('lets the same id begin anew as somebody else', async () => {
    const { status } = await service.admin('PUT', '/v1/recipients/eve', { body: {} });
    expect(status).toBe(201);
  });
});

describe('GET /v1/jobs/:id', () => {
  it('404: does not know a job that never was', async () => {
    const { status, body } = await service.admin('GET', '/v1/jobs/job_none');
    expect([status, body.code]).toEqual([404, 'job.unknown']);
  });
});
