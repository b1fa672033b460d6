import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const base = {
  name: 'Secret launch',
  channel: 'email',
  content: { subject: 'For Ada', body: 'b' },
  data: { coupon: 'ADA-1815' },
  audienceQuery: { recipients: ['ada@example.com'] },
  runAt: '2026-12-01T09:00:00',
  draft: true,
};

async function create(): Promise<string> {
  return (await service.admin('POST', '/v1/schedules', { body: base })).body.id;
}

const audit = (id: string, query = ''): Promise<TestAnswer> =>
  service.admin('GET', `/v1/schedules/${id}/audit${query}`);

const run = (sql: string): Promise<unknown> => service.deps.db.pool.query(sql);

const rowsOf = (table: string, id: string): Promise<{ rowCount: number | null }> =>
  service.deps.db.pool.query(`select 1 from ${table} where schedule_id = $1`, [id]);

describe('GET /v1/schedules/:id/audit', () => {
  it('200: tells of every command who gave it, when, and what changed, newest first', async () => {
    const id = await create();
    const send = (name: string): Promise<TestAnswer> => service.admin('POST', `/v1/schedules/${id}/${name}`);
    await send('publish');
    await send('pause');
    await service.admin('PATCH', `/v1/schedules/${id}`, {
      body: { runAt: '2026-12-02T09:00:00', content: { body: 'other' } },
      headers: { 'If-Match': '"2"' },
    });
    await send('resume');
    await send('cancel');
    await service.admin('DELETE', `/v1/schedules/${id}`);
    const { items } = (await audit(id)).body;
    expect(items.map(({ action }: { action: string }) => action)).toEqual([
      'archive',
      'cancel',
      'resume',
      'update',
      'pause',
      'publish',
      'create',
    ]);
    expect(items[3]).toEqual({
      seq: expect.any(Number),
      at: '2026-11-20T12:00:00.000Z',
      action: 'update',
      actorId: 'admin',
      scheduleId: id,
      payloadDiff: {
        changed: ['version', 'content', 'runAt'],
        from: { version: 2, runAt: '2026-12-01T09:00:00' },
        to: { version: 3, runAt: '2026-12-02T09:00:00' },
      },
      prevHash: null,
      hash: null,
    });
    expect(items[2].payloadDiff).toEqual({
      changed: ['status', 'nextRunAt'],
      from: { status: 'paused', nextRunAt: null },
      to: { status: 'scheduled', nextRunAt: '2026-12-01T19:00:00.000Z' },
    });
  });

  it('200: names fields that hold texts, and never their words', async () => {
    const id = await create();
    const { body } = await audit(id);
    expect(body.items[0].payloadDiff.changed).toEqual(
      expect.arrayContaining(['name', 'content', 'data', 'audienceQuery']),
    );
    const { rows } = await service.deps.db.pool.query(
      'select payload_diff::text from audit where schedule_id = $1',
      [id],
    );
    expect(JSON.stringify([body, rows])).not.toMatch(/[Aa]da|[Ss]ecret|1815/);
  });

  it('200: goes page by page', async () => {
    const id = await create();
    await service.admin('POST', `/v1/schedules/${id}/publish`);
    const first = (await audit(id, '?limit=1')).body;
    const second = (await audit(id, `?limit=1&cursor=${first.nextCursor}`)).body;
    expect([first.items[0].action, second.items[0].action]).toEqual(['publish', 'create']);
    expect(second.nextCursor).toBeNull();
  });

  it('404: does not know a stranger', async () => {
    expect((await audit('sch_none')).body.code).toBe('schedule.unknown');
  });
});

describe('the audit', () => {
  it('is written in the transaction of its command: a refused or failed one leaves neither', async () => {
    const id = await create();
    expect((await service.admin('POST', `/v1/schedules/${id}/pause`)).status).toBe(409);
    // Whatever keeps the outbox from being written takes the state and the audit with it.
    await service.deps.db.pool.query(
      `alter table outbox add constraint refuse check (schedule_id <> '${id}') not valid`,
    );
    expect((await service.admin('POST', `/v1/schedules/${id}/publish`)).status).toBe(500);
    await service.deps.db.pool.query('alter table outbox drop constraint refuse');
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body).toMatchObject({
      status: 'draft',
      version: 1,
    });
    expect([(await rowsOf('audit', id)).rowCount, (await rowsOf('schedule_version', id)).rowCount]).toEqual([
      1, 1,
    ]);
  });

  it('refuses to be changed, emptied or cut', async () => {
    await create();
    for (const sql of [`update audit set actor_id = 'x'`, 'delete from audit', 'truncate audit']) {
      await expect(run(sql)).rejects.toThrow('never changed or deleted');
    }
    await expect(run('delete from audit_default')).rejects.toThrow('never changed or deleted');
  });
});
