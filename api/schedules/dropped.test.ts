import { CHANNEL_CODES } from '../../domain/delivery/channel';
import { STATE_CODES } from '../../domain/delivery/state';
import { dropDay } from '../../store/ledger-days';
import { ensureDeliveryPartition } from '../../store/partitions';
import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';

const NOMINAL = '2026-12-01T09:00:00';
const DAY = '2026-12-01';
const MUCH_LATER = new Date('2028-01-05T12:00:00Z');

let service: TestService;
let schedule: string;
let occurrence: string;
let deadLetter: string;

const sql = (text: string, ...values: unknown[]): Promise<{ rows: { id: string }[] }> =>
  service.deps.db.pool.query(text, values);

const get = async (path: string) => (await service.admin('GET', path)).body;
const metrics = () =>
  Promise.all([
    get('/v1/notifications/metrics'),
    get(`/v1/schedules/${schedule}/metrics?groupBy=occurrence`),
  ]);

beforeAll(async () => {
  service = await startService();
  const { db } = service.deps;
  await ensureDeliveryPartition(db, DAY);
  await service.admin('PUT', '/v1/recipients/ada', { body: {} });
  const body = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: NOMINAL };
  schedule = (await service.admin('POST', '/v1/schedules', { body })).body.id;
  await sql(`update schedule set status = 'completed', next_run_at = null`);
  const { rows } = await sql(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at, closed_at, counted_at)
     values (1, $1, 1, $2, $3, 'completed', '2026-11-30T19:00Z', '2026-12-01T21:00Z', '2026-12-01T21:01Z') returning id`,
    schedule,
    NOMINAL,
    DAY,
  );
  occurrence = rows[0]?.id ?? '';
  await sql(
    `insert into delivery (day, occurrence_id, rid, state, channel, zone_source, zone, due, settled_at)
     select $1, $2, rid, $3, $4, 0, 'UTC', '2026-12-01T09:00Z', '2026-12-01T09:01Z' from recipient`,
    DAY,
    occurrence,
    STATE_CODES.failed,
    CHANNEL_CODES.email,
  );
  await sql(
    `insert into counter (occurrence_id, channel, state, slot, count) values ($1, $2, $3, 0, 1)`,
    occurrence,
    CHANNEL_CODES.email,
    STATE_CODES.failed,
  );
  deadLetter = (await get('/v1/dead-letters')).items[0].id;
});
afterAll(() => service.stop());

describe('deliveries that were dropped because of their age', () => {
  it('leave what is counted as it was, and their occurrence says when', async () => {
    const before = await metrics();
    expect(before[0]).toMatchObject({ failed: 1 });
    const dropping = { quietSince: new Date('2027-12-01T12:00:00Z'), now: MUCH_LATER };
    expect(await dropDay(service.deps.db, DAY, dropping)).toBe('dropped');
    expect(await metrics()).toEqual(before);
    expect((await get(`/v1/schedules/${schedule}/occurrences`)).items).toMatchObject([
      { counts: { failed: 1 }, considered: 1, deliveriesDroppedAt: MUCH_LATER.toISOString() },
    ]);
  });

  it('are left out of lists', async () => {
    expect((await get(`/v1/schedules/${schedule}/deliveries`)).items).toEqual([]);
    expect((await get('/v1/dead-letters')).items).toEqual([]);
    const body = { decision: 'resend' };
    const decided = await service.admin('POST', `/v1/schedules/${schedule}/deliveries/decide`, { body });
    expect(decided.body).toMatchObject({ people: 0 });
  });

  it('answer 410 to whoever asks for them', async () => {
    const asked = [
      ['GET', `/v1/schedules/${schedule}/deliveries?occurrence=${NOMINAL}`],
      ['GET', `/v1/schedules/${schedule}/deliveries?recipient=ada&occurrence=${occurrence}`],
      ['GET', `/v1/dead-letters?occurrence=${occurrence}`],
      ['GET', `/v1/dead-letters?scheduleId=${schedule}&occurrence=${NOMINAL}`],
      ['POST', `/v1/schedules/${schedule}/deliveries/decide`, { decision: 'resend', occurrence: NOMINAL }],
      ['POST', '/v1/dead-letters/replay', { scheduleId: schedule, occurrence: NOMINAL }],
      ['POST', '/v1/dead-letters/replay', { id: deadLetter }],
    ] as const;
    for (const [method, path, body] of asked) {
      const answer = await service.admin(method, path, body && { body });
      expect({ path, status: answer.status, code: answer.body.code }).toEqual({
        path,
        status: 410,
        code: 'deliveries.dropped',
      });
    }
  });

  it('say nothing to another tenant, and nothing of occurrences that never were', async () => {
    const { send } = await service.otherTenant();
    expect(await send('GET', `/v1/dead-letters?occurrence=${occurrence}`)).toMatchObject({ status: 200 });
    const path = `/v1/schedules/${schedule}/deliveries?occurrence=2026-12-02T09:00:00`;
    expect(await service.admin('GET', path)).toMatchObject({ status: 200, body: { items: [] } });
  });
});
