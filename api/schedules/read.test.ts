import { startService } from '../../test/api/service';
import type { Send, TestService } from '../../test/api/service';

let service: TestService;
let ids: Record<'plain' | 'tagged' | 'percent' | 'noop', string>;
beforeAll(async () => {
  service = await startService();
  const make = async (extra: object): Promise<string> => {
    const body = {
      name: 'Plain',
      channel: 'email',
      content: { body: 'b' },
      runAt: '2026-12-01T09:00:00',
      ...extra,
    };
    return (await service.admin('POST', '/v1/schedules', { body })).body.id;
  };
  ids = {
    plain: await make({}),
    tagged: await make({ name: 'Weekday Digest', tags: ['news', 'weekly'] }),
    percent: await make({ name: '100% off_now' }),
    noop: await make({ name: 'Bench', channel: 'noop' }),
  };
});
afterAll(() => service.stop());

const list = async (query: string, send: Send = service.admin): Promise<string[]> => {
  const { body } = await send('GET', `/v1/schedules?${query}`);
  return body.items.map(({ id }: { id: string }) => id);
};

describe('GET /v1/schedules/:id', () => {
  it('200: answers with the version of the configuration as ETag, never 304', async () => {
    const { status, headers, body } = await service.admin('GET', `/v1/schedules/${ids.plain}`, {
      headers: { 'If-None-Match': '"1"' },
    });
    expect([status, headers.get('etag'), body.id]).toEqual([200, '"1"', ids.plain]);
  });

  it('200: shows what the workflow has taken up', async () => {
    await service.deps.db.pool.query('update schedule set applied_version = 1 where id = $1', [ids.noop]);
    const { body } = await service.admin('GET', `/v1/schedules/${ids.noop}`);
    expect([body.version, body.appliedVersion]).toEqual([1, 1]);
  });

  it.each(['sch_none', "' or '1'='1", 'x'.repeat(200), 'preview'])('404: does not know %s', async (id) => {
    const { status, body } = await service.admin('GET', `/v1/schedules/${encodeURIComponent(id)}`);
    expect([status, body.code]).toEqual([404, 'schedule.unknown']);
  });
});

describe('GET /v1/schedules', () => {
  it('200: pages newest first', async () => {
    expect(await list('')).toEqual([ids.noop, ids.percent, ids.tagged, ids.plain]);
    const first = await service.admin('GET', '/v1/schedules?limit=3');
    expect(await list(`limit=3&cursor=${first.body.nextCursor}`)).toEqual([ids.plain]);
  });

  it('200: filters by status, type, channel, tag and part of the name', async () => {
    expect(await list('channel=noop')).toEqual([ids.noop]);
    expect(await list('tag=weekly')).toEqual([ids.tagged]);
    expect(await list('q=digest')).toEqual([ids.tagged]);
    expect(await list('status=scheduled&scheduleType=once')).toHaveLength(4);
    expect(await list('status=cancelled')).toEqual([]);
    expect(await list('scheduleType=cron')).toEqual([]);
    expect(await list('tag=news&channel=noop')).toEqual([]);
  });

  it('200: takes the wildcards of SQL for text', async () => {
    expect(await list('q=%25')).toEqual([ids.percent]);
    expect(await list('q=_')).toEqual([ids.percent]);
    expect(await list("q=' or '1'='1")).toEqual([]);
  });

  it('422: names each wrong filter with what is allowed', async () => {
    const { status, body } = await service.admin(
      'GET',
      '/v1/schedules?status=asleep&channel=fax&tag=&cursor=abc&sort=x',
    );
    expect(status).toBe(422);
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/query/status',
      '/query/channel',
      '/query/tag',
      '/query/sort',
    ]);
    expect(body.errors[0].message).toContain('"scheduled"');
  });
});
