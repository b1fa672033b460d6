import { CHANNEL_CODES } from '../../domain/delivery/channel';
import { STATE_CODES } from '../../domain/delivery/state';
import type { DeliveryState } from '../../domain/delivery/state';
import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
let digest: string;
let news: string;

beforeAll(async () => {
  service = await startService();
  digest = await newSchedule();
  news = await newSchedule();
  await occurrence(digest, '2026-12-01', 'email', { sent: 8, failed: 1, unknown: 1 });
  await occurrence(digest, '2026-12-02', 'email', { sent: 20, 'no-address': 2 });
  await occurrence(news, '2026-12-02', 'noop', { sent: 300, 'quiet-hours': 7, capped: 5 });
});
afterAll(() => service.stop());

async function newSchedule(): Promise<string> {
  const body = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: '2026-12-01T09:00:00' };
  return (await service.admin('POST', '/v1/schedules', { body })).body.id;
}

/** One that opened the evening before, at 19:00 UTC, with its counters spread over slots. */
async function occurrence(
  scheduleId: string,
  day: string,
  channel: keyof typeof CHANNEL_CODES,
  people: Partial<Record<DeliveryState, number>>,
): Promise<void> {
  const { db } = service.deps;
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
     select tenant_id, id, 1, $2 || 'T09:00:00', $2::date, 'open', $2::date - interval '5 hours' from schedule
      where id = $1
     returning id`,
    [scheduleId, day],
  );
  for (const [state, count] of Object.entries(people)) {
    await db.pool.query(
      `insert into counter (occurrence_id, channel, state, slot, count) values ($1, $2, $3, 0, $4), ($1, $2, $3, 1, 1)`,
      [rows[0]?.id, CHANNEL_CODES[channel], STATE_CODES[state as DeliveryState], count - 1],
    );
  }
}

const ask = (query: string, path = '/v1/notifications/metrics'): Promise<TestAnswer> =>
  service.admin('GET', `${path}?${query}`);
const sentBy = ({ body }: TestAnswer): Record<string, number> =>
  Object.fromEntries(body.groups.map(({ key, sent }: { key: string; sent: number }) => [key, sent]));

describe('GET /v1/notifications/metrics', () => {
  it('200: counts everybody by outcome, and considered is the sum', async () => {
    const { status, body } = await ask('');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      considered: 344,
      sent: 328,
      failed: 1,
      unknown: 1,
      'no-address': 2,
      'quiet-hours': 7,
      capped: 5,
      unsubscribed: 0,
      delivered: 0,
      opened: 0,
      clicked: 0,
      bounced: 0,
      complained: 0,
      groups: [],
      nextCursor: null,
    });
    expect((await ask('', '/notifications/metrics')).body).toEqual(body);
  });

  it('200: counts one schedule, and what lies in a span of dates, both ends included', async () => {
    expect((await ask(`scheduleId=${digest}`)).body).toMatchObject({ considered: 32, sent: 28 });
    expect((await ask('from=2026-12-02&to=2026-12-02')).body.sent).toBe(320);
    expect((await ask('to=2026-12-01')).body.sent).toBe(8);
    expect((await ask('from=2026-12-03')).body.considered).toBe(0);
  });

  it('200: takes instants for when occurrences opened, the end excluded', async () => {
    expect((await ask('from=2026-12-01T19:00:00Z')).body.sent).toBe(320);
    expect((await ask('to=2026-12-01T19:00:00Z')).body.sent).toBe(8);
    expect((await ask('to=2026-12-01T20:00:00%2B01:00')).body.sent).toBe(8);
    expect((await ask('from=2026-11-30T19:00Z&to=2026-12-02')).body.sent).toBe(328);
  });

  it('200: groups by channel, day and schedule', async () => {
    expect(sentBy(await ask('groupBy=channel'))).toEqual({ email: 28, noop: 300 });
    expect(sentBy(await ask('groupBy=channel&from=2026-12-02'))).toEqual({ email: 20, noop: 300 });
    expect(sentBy(await ask('groupBy=day'))).toEqual({ '2026-12-01': 8, '2026-12-02': 320 });
    const bySchedule = await ask('groupBy=schedule');
    expect(sentBy(bySchedule)).toEqual({ [digest]: 28, [news]: 300 });
    expect(bySchedule.body).toMatchObject({ sent: 328, groups: [{ considered: 32 }, { considered: 312 }] });
  });

  it('200: pages through groups, each once', async () => {
    for (const groupBy of ['channel', 'day', 'schedule']) {
      const first = await ask(`groupBy=${groupBy}&limit=1`);
      const second = await ask(`groupBy=${groupBy}&limit=1&cursor=${first.body.nextCursor}`);
      const whole = await ask(`groupBy=${groupBy}`);
      expect([...first.body.groups, ...second.body.groups]).toEqual(whole.body.groups);
      expect(second.body.nextCursor).toBeNull();
    }
  });

  it('200: knows nothing of another tenant', async () => {
    const { send } = await service.otherTenant();
    expect((await send('GET', '/v1/notifications/metrics?groupBy=schedule')).body).toMatchObject({
      considered: 0,
      groups: [],
    });
    expect((await send('GET', `/v1/notifications/metrics?scheduleId=${news}`)).status).toBe(404);
  });

  it.each([
    [
      'from=yesterday',
      '/query/from',
      'field.format',
      'from: must be a date such as 2026-12-01 or an instant',
    ],
    ['to=2026-02-30', '/query/to', 'field.format', 'to: is a date that does not exist'],
    ['from=2026-12-02&to=2026-12-01', '/query/to', 'field.conflict', 'to: must come after from'],
    ['groupBy=recipient', '/query/groupBy', 'field.value', 'groupBy: must be one of "channel"'],
    ['recipient=ada', '/query/recipient', 'field.unknown', 'recipient: there is no such parameter'],
    ['groupBy=day&cursor=ZW1haWw', '/query/cursor', 'cursor.invalid', 'was not made by this list'],
    ['cursor=MQ', '/query/cursor', 'cursor.invalid', 'was not made by this list'],
  ])('422: %s', async (query, pointer, code, message) => {
    const { status, body } = await ask(query);
    expect([status, body.errors[0].pointer, body.errors[0].code]).toEqual([422, pointer, code]);
    expect(body.errors[0].message).toContain(message);
  });

  it('404: does not take a schedule that is not there for one without people', async () => {
    expect((await ask('scheduleId=sch_none')).body.code).toBe('schedule.unknown');
  });

  it('401: asks who calls', async () => {
    expect((await service.anonymous('GET', '/v1/notifications/metrics')).status).toBe(401);
  });
});

describe('GET /v1/schedules/:id/metrics', () => {
  it('200: counts the people of one schedule, in all and by occurrence', async () => {
    const answer = await ask('groupBy=occurrence', `/v1/schedules/${digest}/metrics`);
    expect(answer.body).toMatchObject({ considered: 32, sent: 28, failed: 1, unknown: 1, 'no-address': 2 });
    expect(sentBy(answer)).toEqual({ '2026-12-01T09:00:00': 8, '2026-12-02T09:00:00': 20 });
    const next = await ask('groupBy=occurrence&limit=1', `/schedules/${digest}/metrics`);
    const { cursor, path } = { cursor: next.body.nextCursor, path: `/v1/schedules/${digest}/metrics` };
    expect(sentBy(await ask(`groupBy=occurrence&limit=1&cursor=${cursor}`, path))).toEqual({
      '2026-12-02T09:00:00': 20,
    });
  });

  it('200: takes the same span', async () => {
    const { body } = await ask('from=2026-12-02&groupBy=channel', `/v1/schedules/${digest}/metrics`);
    expect(body).toMatchObject({ sent: 20, groups: [{ key: 'email', sent: 20 }] });
  });

  it('200: answers zeros before anything has happened', async () => {
    const { body } = await ask('groupBy=day', `/v1/schedules/${await newSchedule()}/metrics`);
    expect(body).toMatchObject({ considered: 0, sent: 0, groups: [] });
  });

  it('404: does not know a stranger, nor a schedule of another tenant', async () => {
    expect((await ask('', '/v1/schedules/sch_none/metrics')).status).toBe(404);
    const { send } = await service.otherTenant();
    expect((await send('GET', `/v1/schedules/${digest}/metrics`)).status).toBe(404);
  });

  it('422: knows no grouping by schedule', async () => {
    expect((await ask('groupBy=schedule', `/v1/schedules/${digest}/metrics`)).status).toBe(422);
  });
});
