import { createServer } from 'node:http';
import { once } from 'node:events';
import { ADMIN_KEY, startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';
import { createApp } from '../app';

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

const command = (name: string): Promise<TestAnswer> => service.admin('POST', `/v1/schedules/${id}/${name}`);

const setStatus = (status: string): Promise<unknown> =>
  service.deps.db.pool.query('update schedule set status = $2 where id = $1', [id, status]);

const commands = async (): Promise<number> =>
  (await service.deps.db.pool.query('select 1 from outbox where schedule_id = $1', [id])).rowCount ?? 0;

const openOccurrence = (): Promise<unknown> =>
  service.deps.db.pool.query(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
     select tenant_id, id, 1, '2026-12-01T09:00:00', '2026-12-01', 'open', now() from schedule where id = $1`,
    [id],
  );

describe('POST /v1/schedules/:id/pause', () => {
  it('202: pauses under the same version and commands the workflow', async () => {
    const { status, headers, body } = await command('pause');
    expect([status, headers.get('etag')]).toEqual([202, '"1"']);
    expect(body).toMatchObject({ status: 'paused', nextRunAt: null, version: 1 });
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body).toEqual(body);
    expect([await commands(), service.announced.count]).toEqual([2, 1]);
  });

  it('202: pauses one that is running', async () => {
    await setStatus('running');
    expect((await command('pause')).body.status).toBe('paused');
  });

  it.each(['draft', 'paused', 'completed', 'cancelled', 'failed'])('409: not when %s', async (status) => {
    await setStatus(status);
    const answer = await command('pause');
    expect([answer.status, answer.body.code]).toEqual([409, 'schedule.state.conflict']);
    expect(answer.body.detail).toContain(status);
    expect([await commands(), service.announced.count]).toEqual([1, 0]);
  });

  it('404: does not know a stranger', async () => {
    expect((await service.admin('POST', '/v1/schedules/sch_none/pause')).body.code).toBe('schedule.unknown');
  });
});

describe('POST /v1/schedules/:id/resume', () => {
  it('202: waits again for the time', async () => {
    await command('pause');
    const { status, body } = await command('resume');
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'scheduled', nextRunAt: '2026-11-30T19:00:00.000Z', version: 1 });
    expect([await commands(), service.announced.count]).toEqual([3, 2]);
  });

  it('202: lets an occurrence that had begun go on', async () => {
    await setStatus('running');
    await openOccurrence();
    await command('pause');
    expect((await command('resume')).body).toMatchObject({ status: 'running', nextRunAt: null });
  });

  it('202: also when the time has passed meanwhile: what is late is judged later', async () => {
    await command('pause');
    service.clock.now += 60 * 86_400_000;
    const { status, body } = await command('resume');
    service.clock.now -= 60 * 86_400_000;
    expect([status, body.status, body.nextRunAt]).toEqual([202, 'scheduled', '2026-11-30T19:00:00.000Z']);
  });

  it.each(['draft', 'scheduled', 'running', 'completed', 'cancelled', 'failed'])(
    '409: not when %s',
    async (status) => {
      await setStatus(status);
      const answer = await command('resume');
      expect([answer.status, answer.body.code]).toEqual([409, 'schedule.state.conflict']);
      expect(answer.body.detail).toContain(status);
    },
  );

  it('403: is for an ADMIN or a MARKETER', async () => {
    const analyst = await service.withRole('ANALYST');
    const marketer = await service.withRole('MARKETER');
    expect((await analyst('POST', `/v1/schedules/${id}/pause`)).status).toBe(403);
    expect((await marketer('POST', `/v1/schedules/${id}/pause`)).status).toBe(202);
    expect((await marketer('POST', `/v1/schedules/${id}/resume`)).status).toBe(202);
  });
});

describe('two nodes of the API that race pause against resume', () => {
  it('leave what was committed last, and one command to look for each', async () => {
    const second = createServer(createApp(service.deps)).listen(0, '127.0.0.1');
    await once(second, 'listening');
    const address = second.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const node = (url: string) => async (name: string) =>
      (
        await fetch(`${url}/v1/schedules/${id}/${name}`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${ADMIN_KEY}` },
        })
      ).status;
    const [first, other] = [node(service.url), node(`http://127.0.0.1:${port}`)];

    const rounds = Array.from({ length: 15 }, () => Promise.all([first('pause'), other('resume')]));
    const statuses = (await Promise.all(rounds)).flat();
    second.closeAllConnections();
    second.close();

    expect(new Set(statuses)).toEqual(new Set([202, 409]));
    const won = statuses.filter((status) => status === 202).length;
    const { items } = (await service.admin('GET', `/v1/schedules/${id}/audit?limit=100`)).body;
    const [last] = items;
    // Newest first; each but the first stands on what the one before it left.
    for (let index = 0; index + 2 < items.length; index += 1) {
      expect(items[index].payloadDiff.from.status).toBe(items[index + 1].payloadDiff.to.status);
    }
    expect(items).toHaveLength(won + 1);
    expect(await commands()).toBe(won + 1);
    const { status } = (await service.admin('GET', `/v1/schedules/${id}`)).body;
    expect(status).toBe(last.payloadDiff.to.status);
  });
});
