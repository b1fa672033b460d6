import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';

let service: TestService;
let id: string;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());
beforeEach(async () => {
  const body = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: '2026-12-01T09:00:00' };
  id = (await service.admin('POST', '/v1/schedules', { body })).body.id;
  service.announced.count = 0;
});

const commands = async (): Promise<number> => {
  const { rowCount } = await service.deps.db.pool.query('select 1 from outbox where schedule_id = $1', [id]);
  return rowCount ?? 0;
};

const setStatus = (status: string): Promise<unknown> =>
  service.deps.db.pool.query('update schedule set status = $2 where id = $1', [id, status]);

describe('POST /v1/schedules/:id/cancel', () => {
  it('202: cancels for good and commands the workflow, under the same version', async () => {
    const { status, headers, body } = await service.admin('POST', `/v1/schedules/${id}/cancel`);
    expect([status, headers.get('etag')]).toEqual([202, '"1"']);
    expect(body).toMatchObject({ status: 'cancelled', nextRunAt: null, version: 1 });
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body).toEqual(body);
    expect([await commands(), service.announced.count]).toEqual([2, 1]);
  });

  it.each(['running', 'paused'])('202: cancels one that is %s', async (status) => {
    await setStatus(status);
    expect((await service.admin('POST', `/v1/schedules/${id}/cancel`)).body.status).toBe('cancelled');
  });

  it.each(['completed', 'cancelled', 'failed'])(
    '409: finds nothing left to cancel when %s',
    async (status) => {
      await setStatus(status);
      const answer = await service.admin('POST', `/v1/schedules/${id}/cancel`);
      expect([answer.status, answer.body.code]).toEqual([409, 'schedule.state.conflict']);
      expect(answer.body.detail).toContain(status);
      expect([await commands(), service.announced.count]).toEqual([1, 0]);
    },
  );

  it('409: lets one of two cancellations win', async () => {
    const answers = await Promise.all([1, 2].map(() => service.admin('POST', `/v1/schedules/${id}/cancel`)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
  });

  it('404: does not know a stranger', async () => {
    expect((await service.admin('POST', '/v1/schedules/sch_none/cancel')).body.code).toBe('schedule.unknown');
  });
});

describe('DELETE /v1/schedules/:id', () => {
  it('204: cancels, archives and leaves it readable, but in no list', async () => {
    expect((await service.admin('DELETE', `/v1/schedules/${id}`)).status).toBe(204);
    const { body } = await service.admin('GET', `/v1/schedules/${id}`);
    expect(body).toMatchObject({
      status: 'cancelled',
      archivedAt: '2026-11-20T12:00:00.000Z',
      nextRunAt: null,
    });
    const list = await service.admin('GET', '/v1/schedules');
    expect(list.body.items.map((item: { id: string }) => item.id)).not.toContain(id);
    expect([await commands(), service.announced.count]).toEqual([2, 1]);
  });

  it('204: leaves a completed one completed', async () => {
    await setStatus('completed');
    await service.admin('DELETE', `/v1/schedules/${id}`);
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body.status).toBe('completed');
    expect(await commands()).toBe(1);
  });

  it('204: again changes nothing', async () => {
    await service.admin('DELETE', `/v1/schedules/${id}`);
    service.clock.now += 60_000;
    expect((await service.admin('DELETE', `/v1/schedules/${id}`)).status).toBe(204);
    service.clock.now -= 60_000;
    const { body } = await service.admin('GET', `/v1/schedules/${id}`);
    expect(body.archivedAt).toBe('2026-11-20T12:00:00.000Z');
  });

  it('404: does not know a stranger', async () => {
    expect((await service.admin('DELETE', '/v1/schedules/sch_none')).body.code).toBe('schedule.unknown');
  });
});
