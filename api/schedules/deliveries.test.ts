import { CHANNEL_CODES } from '../../domain/delivery/channel';
import { ADJUSTED_CODES, REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import { ZONE_SOURCE_CODES } from '../../domain/recipient/zone-source';
import { ensureDeliveryPartition } from '../../store/partitions';
import { startService } from '../../test/api/service';
import type { TestService } from '../../test/api/service';

let service: TestService;
let path: string;
let occurrenceId: string;

beforeAll(async () => {
  service = await startService();
  const { db } = service.deps;
  const body = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: '2026-12-01T09:00:00' };
  const { id } = (await service.admin('POST', '/v1/schedules', { body })).body;
  path = `/v1/schedules/${id}`;
  for (const person of ['ada', 'bob', 'cy'])
    await service.admin('PUT', `/v1/recipients/${person}`, { body: {} });
  await ensureDeliveryPartition(db, '2026-12-01');
  const { rows } = await db.pool.query(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
     select tenant_id, id, 1, '2026-12-01T09:00:00', '2026-12-01', 'open', '2026-11-30T19:00:00Z' from schedule
     returning id`,
  );
  occurrenceId = rows[0].id;
  await db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, reason, channel, adjusted, zone_source, attempts, zone, due, settled_at)
     select '2026-12-01', $1, r.rid, p.state, p.reason, p.channel, p.adjusted, $2, 1, 'Europe/Berlin',
            '2026-12-01T08:00:00Z', '2026-12-01T08:00:00.250Z'
       from unnest($3::text[], $4::int[], $5::int[], $6::int[], $7::int[]) as p (id, state, reason, channel, adjusted)
       join recipient r on r.external_id = p.id`,
    [
      occurrenceId,
      ZONE_SOURCE_CODES.profile,
      ['ada', 'bob', 'cy'],
      [STATE_CODES.sent, STATE_CODES.failed, STATE_CODES.sent],
      [null, REASON_CODES['missing-variable'], null],
      [CHANNEL_CODES.email, CHANNEL_CODES.email, CHANNEL_CODES.email],
      [ADJUSTED_CODES.gap, null, null],
    ],
  );
  await db.pool.query(
    `insert into counter (occurrence_id, channel, state, slot, count) values ($1, $2, $3, 0, 1), ($1, $2, $3, 1, 1), ($1, $2, $4, 0, 1)`,
    [occurrenceId, CHANNEL_CODES.email, STATE_CODES.sent, STATE_CODES.failed],
  );
});
afterAll(() => service.stop());

const people = async (query: string): Promise<(string | null)[]> => {
  const { body } = await service.admin('GET', `${path}/deliveries?${query}`);
  return body.items.map(({ recipient }: { recipient: string | null }) => recipient);
};

describe('GET /v1/schedules/:id/deliveries', () => {
  it('200: answers one row and one outcome a person', async () => {
    const { status, body } = await service.admin('GET', `${path}/deliveries`);
    expect(status).toBe(200);
    expect(body.items[0]).toEqual({
      recipient: 'ada',
      occurrence: '2026-12-01T09:00:00',
      step: null,
      outcome: 'sent',
      reason: null,
      channel: 'email',
      timeZone: 'Europe/Berlin',
      timeZoneSource: 'profile',
      locale: null,
      adjusted: 'gap',
      dueAt: '2026-12-01T08:00:00.000Z',
      settledAt: '2026-12-01T08:00:00.250Z',
      latenessMs: 250,
      attempts: 1,
      provider: 'smtp',
      trail: [
        {
          at: '2026-12-01T08:00:00.250Z',
          channel: 'email',
          provider: 'smtp',
          result: 'accepted',
          reason: null,
        },
      ],
    });
    expect(body.items[1]).toMatchObject({ outcome: 'failed', reason: 'missing-variable', latenessMs: null });
  });

  it('200: pages through everybody exactly once', async () => {
    const first = await service.admin('GET', `${path}/deliveries?limit=2`);
    expect(first.body.items).toHaveLength(2);
    expect(await people(`limit=2&cursor=${first.body.nextCursor}`)).toEqual(['cy']);
  });

  it('200: filters by recipient, outcome and occurrence', async () => {
    expect(await people('recipient=bob')).toEqual(['bob']);
    expect(await people('outcome=sent')).toEqual(['ada', 'cy']);
    expect(await people('occurrence=2026-12-01T09:00:00')).toHaveLength(3);
    expect(await people(`occurrence=${occurrenceId}&outcome=failed`)).toEqual(['bob']);
    expect(await people('occurrence=2026-12-02T09:00:00')).toEqual([]);
    expect(await people("recipient=' or 1=1 --")).toEqual([]);
  });

  it('200: keeps the row of somebody who was erased, without a name', async () => {
    await service.admin('DELETE', '/v1/recipients/cy');
    expect(await people('outcome=sent')).toEqual(['ada', null]);
  });

  it('422: names a wrong filter and a cursor of another list', async () => {
    const wrong = await service.admin('GET', `${path}/deliveries?outcome=lost`);
    expect(wrong.body.errors[0]).toMatchObject({ pointer: '/query/outcome', code: 'field.value' });
    const cursor = Buffer.from("1/' or 1=1 --/1").toString('base64url');
    const foreign = await service.admin('GET', `${path}/deliveries?cursor=${cursor}`);
    expect(foreign.body.errors[0]).toMatchObject({ pointer: '/query/cursor', code: 'cursor.invalid' });
  });

  it('404: does not know a stranger', async () => {
    expect((await service.admin('GET', '/v1/schedules/sch_none/deliveries')).status).toBe(404);
  });
});

describe('GET /v1/schedules/:id/occurrences', () => {
  it('200: sums the ledger by outcome', async () => {
    const { body } = await service.admin('GET', `${path}/occurrences`);
    expect(body.items).toEqual([
      {
        id: occurrenceId,
        nominal: '2026-12-01T09:00:00',
        version: 1,
        state: 'open',
        openedAt: '2026-11-30T19:00:00.000Z',
        closedAt: null,
        deliveriesDroppedAt: null,
        counts: { sent: 2, failed: 1 },
        considered: 3,
        links: {
          temporalUi: `http://temporal.test/namespaces/default/workflows/${encodeURIComponent(
            `schedule/${path.slice('/v1/schedules/'.length)}/at/2026-12-01T09:00:00`,
          )}`,
        },
      },
    ]);
  });

  it('404: does not know a stranger', async () => {
    expect((await service.admin('GET', '/v1/schedules/sch_none/occurrences')).status).toBe(404);
  });
});

describe('GET /metrics', () => {
  it('counts what was sent and failed from Postgres, at every scrape alike', async () => {
    for (let scrape = 0; scrape < 2; scrape += 1) {
      const { body } = await service.anonymous('GET', '/metrics');
      expect(body).toContain('notifications_sent_total{channel="email",provider="smtp"} 2');
      expect(body).toContain('notifications_failed_total{channel="email",provider="smtp"} 1');
      expect(body).toContain('schedules_active 1');
    }
  });
});
