import { CHANNEL_CODES } from '../../domain/delivery/channel';
import { REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import { ensureDeliveryPartition } from '../../store/partitions';
import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

const NOMINAL = '2026-12-01T09:00:00';

let service: TestService;
let path: string;

const sql = (text: string, ...values: unknown[]): Promise<{ rows: { id: string }[] }> =>
  service.deps.db.pool.query(text, values);

beforeAll(async () => {
  service = await startService();
  for (const person of ['ada', 'bob', 'cy']) {
    await service.admin('PUT', `/v1/recipients/${person}`, { body: {} });
  }
  await ensureDeliveryPartition(service.deps.db, '2026-12-01');
});
afterAll(() => service.stop());

/** A completed schedule of three people, of whom ada and bob are undecided. */
beforeEach(async () => {
  const body = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: NOMINAL, onUnknown: 'hold' };
  const { id } = (await service.admin('POST', '/v1/schedules', { body })).body;
  path = `/v1/schedules/${id}`;
  await sql(`update schedule set status = 'completed', next_run_at = null where id = $1`, id);
  await sql('update outbox set done_at = now() where schedule_id = $1', id);
  const { rows } = await sql(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at, closed_at)
     values (1, $1, 1, $2, '2026-12-01', 'completed', '2026-11-30T19:00:00Z', '2026-12-01T21:00:00Z')
     returning id`,
    id,
    NOMINAL,
  );
  await sql(
    `insert into delivery (day, occurrence_id, rid, state, reason, channel, zone_source, attempts, zone, due, settled_at)
     select '2026-12-01', $1, r.rid, p.state, p.reason, $2, 0, 1, 'UTC', '2026-12-01T09:00:00Z', '2026-12-01T09:00:30Z'
       from unnest($3::text[], $4::int[], $5::int[]) as p (id, state, reason)
       join recipient r on r.external_id = p.id`,
    rows[0]?.id,
    CHANNEL_CODES.email,
    ['ada', 'bob', 'cy'],
    [STATE_CODES.unknown, STATE_CODES.unknown, STATE_CODES.sent],
    [REASON_CODES['no-answer'], REASON_CODES['owner-lost'], null],
  );
  await sql(
    'insert into counter (occurrence_id, channel, state, slot, count) values ($1, $2, $3, 5, 2), ($1, $2, $4, 5, 1)',
    rows[0]?.id,
    CHANNEL_CODES.email,
    STATE_CODES.unknown,
    STATE_CODES.sent,
  );
});

const decide = (body: object, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  service.admin('POST', `${path}/deliveries/decide`, { body, headers });

const outcomes = async (query = ''): Promise<Record<string, string>> => {
  const { body } = await service.admin('GET', `${path}/deliveries${query}`);
  const items: { recipient: string; outcome: string; reason: string | null }[] = body.items;
  return Object.fromEntries(items.map((item) => [item.recipient, `${item.outcome}/${item.reason}`]));
};

const occurrence = async (): Promise<TestAnswer['body']> =>
  (await service.admin('GET', `${path}/occurrences`)).body.items[0];

describe('POST /v1/schedules/:id/deliveries/decide', () => {
  it('202: decides for everybody who waits, and says for how many', async () => {
    expect(await outcomes('?outcome=unknown')).toEqual({
      ada: 'unknown/no-answer',
      bob: 'unknown/owner-lost',
    });
    const { status, body } = await decide({ decision: 'sent' });
    expect([status, body]).toEqual([202, { decision: 'sent', people: 2 }]);
    expect(await outcomes()).toEqual({ ada: 'sent/decided', bob: 'sent/decided', cy: 'sent/null' });
    expect(await occurrence()).toMatchObject({ state: 'completed', counts: { sent: 3 }, considered: 3 });
  });

  it('202: decides for one person of one occurrence', async () => {
    const { body } = await decide({ decision: 'failed', occurrence: NOMINAL, recipient: 'bob' });
    expect(body.people).toBe(1);
    expect(await occurrence()).toMatchObject({ counts: { sent: 1, failed: 1, unknown: 1 }, considered: 3 });
  });

  it('202: runs the schedule again to send once more, and tells its workflow', async () => {
    const announced = service.announced.count;
    expect((await decide({ decision: 'resend' })).body.people).toBe(2);
    expect((await service.admin('GET', path)).body).toMatchObject({ status: 'running', version: 1 });
    expect(await occurrence()).toMatchObject({ state: 'open', closedAt: '2026-12-01T21:00:00.000Z' });
    expect(await outcomes()).toMatchObject({ ada: 'claimed/decided', bob: 'claimed/decided' });
    const { rows } = await sql(
      'select id from outbox where done_at is null and schedule_id = $1',
      path.slice(14),
    );
    expect([rows.length, service.announced.count]).toEqual([1, announced + 1]);
  });

  it('202: changes nothing more when it is repeated, with or without an idempotency key', async () => {
    const key = { 'Idempotency-Key': 'decide-once' };
    const first = await decide({ decision: 'sent' }, key);
    expect((await decide({ decision: 'sent' }, key)).body).toEqual(first.body);
    expect((await decide({ decision: 'failed' })).body).toEqual({ decision: 'failed', people: 0 });
    const { body } = await service.admin('GET', `${path}/audit`);
    expect(body.items.map(({ action }: { action: string }) => action)).toEqual(['decide', 'create']);
    expect(body.items[0].payloadDiff).toEqual({
      changed: ['deliveries'],
      from: { deliveries: { unknown: 2 } },
      to: { deliveries: { sent: 2 } },
    });
  });

  it('409: sends nothing again of a schedule that is cancelled or archived', async () => {
    await sql(`update schedule set status = 'cancelled' where id = $1`, path.slice(14));
    const refused = await decide({ decision: 'resend' });
    expect([refused.status, refused.body.code]).toEqual([409, 'schedule.state.conflict']);
    expect(refused.body.detail).toContain('decide `sent` or `failed`');
    await service.admin('DELETE', path);
    expect((await decide({ decision: 'resend' })).body.detail).toContain('archived');
    expect((await decide({ decision: 'failed' })).body.people).toBe(2);
  });

  it.each([
    [{}, '/decision', 'field.required'],
    [{ decision: 'forget' }, '/decision', 'field.value'],
    [{ decision: 'sent', recipient: 7 }, '/recipient', 'field.type'],
    [{ decision: 'sent', occurrence: '' }, '/occurrence', 'field.too-short'],
    [{ decision: 'sent', step: 'x' }, '/step', 'field.unknown'],
  ])('422: names what is wrong in %j', async (body, pointer, code) => {
    const { status, body: problem } = await decide(body);
    expect([status, problem.errors]).toMatchObject([422, [{ pointer, code }]]);
  });

  it('403 and 404: is not for readers, nor for strangers', async () => {
    const analyst = await service.withRole('ANALYST');
    const call = { body: { decision: 'sent' } };
    expect((await analyst('POST', `${path}/deliveries/decide`, call)).status).toBe(403);
    const { send } = await service.otherTenant();
    expect((await send('POST', `${path}/deliveries/decide`, call)).body.code).toBe('schedule.unknown');
  });
});

describe('onUnknown', () => {
  const base = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: NOMINAL };

  it('is resend unless said otherwise, and changes like any field', async () => {
    const { body: created } = await service.admin('POST', '/v1/schedules', { body: base });
    expect(created.onUnknown).toBe('resend');
    const change = (method: string, body: object, version: number): Promise<TestAnswer> =>
      service.admin(method, `/v1/schedules/${created.id}`, { body, headers: { 'If-Match': `"${version}"` } });
    expect((await change('PATCH', { onUnknown: 'hold' }, 1)).body).toMatchObject({
      onUnknown: 'hold',
      version: 2,
    });
    expect((await change('PATCH', { name: 'Other' }, 2)).body.onUnknown).toBe('hold');
    expect((await change('PATCH', { onUnknown: null }, 3)).body.onUnknown).toBe('resend');
    expect((await change('PUT', { ...base, onUnknown: 'hold' }, 4)).body.onUnknown).toBe('hold');
    expect((await change('PUT', base, 5)).body.onUnknown).toBe('resend');
  });

  it('is resend for versions from before there was a choice', async () => {
    const { body: created } = await service.admin('POST', '/v1/schedules', { body: base });
    await sql(`update schedule_version set config = config - 'onUnknown' where schedule_id = $1`, created.id);
    expect((await service.admin('GET', `/v1/schedules/${created.id}`)).body.onUnknown).toBe('resend');
  });

  it('422: is one of two', async () => {
    const { body } = await service.admin('POST', '/v1/schedules', { body: { ...base, onUnknown: 'ask' } });
    expect(body.errors).toMatchObject([{ pointer: '/onUnknown', code: 'field.value' }]);
  });
});
