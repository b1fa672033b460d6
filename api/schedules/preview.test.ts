import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
  const people = { ada: 'Europe/Berlin', bob: 'America/New_York', cy: 'America/New_York', dee: null };
  for (const [id, timeZone] of Object.entries(people)) {
    const body = { timeZone, attributes: { plan: id === 'ada' ? 'premium' : 'free' } };
    await service.admin('PUT', `/v1/recipients/${id}`, { body });
  }
});
afterAll(() => service.stop());

const preview = (schedule: unknown, extra: object = {}): Promise<TestAnswer> =>
  service.admin('POST', '/v1/schedules/preview', { body: { schedule, ...extra } });

const zonesOf = (answer: TestAnswer): string[] => answer.body.zones.map(({ zone }: { zone: string }) => zone);

const inBerlin = async (schedule: object): Promise<unknown> => {
  const { body } = await preview({ runAt: '2027-03-28T02:30:00', ...schedule }, { zones: ['Europe/Berlin'] });
  return body.zones[0];
};

describe('POST /v1/schedules/preview', () => {
  it('200: shows the zones of the audience, most people first', async () => {
    const { status, body } = await preview({ runAt: '2026-12-01T09:00:00' });
    expect(status).toBe(200);
    expect(body).toEqual({
      zones: [
        {
          zone: 'America/New_York',
          sends: [
            {
              local: '2026-12-01T09:00:00',
              at: '2026-12-01T14:00:00.000Z',
              offset: '-05:00',
              nominal: '2026-12-01T09:00:00',
              adjusted: null,
            },
          ],
          skipped: [],
        },
        expect.objectContaining({ zone: 'Europe/Berlin' }),
        expect.objectContaining({ zone: 'UTC' }),
      ],
      audience: { total: 4, byZone: { 'America/New_York': 2, 'Europe/Berlin': 1, UTC: 1 } },
      audienceQuery: {},
      warnings: [],
      conflicts: [],
    });
  });

  it('200: echoes the audience query in its canonical form', async () => {
    const { body } = await preview({ runAt: '2026-12-01T09:00:00', audienceQuery: { plan: 'premium' } });
    expect(body.audience).toEqual({ total: 1, byZone: { 'Europe/Berlin': 1 } });
    expect(body.audienceQuery).toEqual({ attribute: 'plan', op: 'equals', value: 'premium' });
  });

  it('200: shows the zones that are asked for, links as they are given', async () => {
    const answer = await preview(
      { runAt: '2026-12-01T09:00:00' },
      { zones: ['Asia/Calcutta', 'Asia/Kathmandu'] },
    );
    expect(zonesOf(answer)).toEqual(['Asia/Calcutta', 'Asia/Kathmandu']);
    expect(answer.body.zones[1].sends[0]).toMatchObject({ at: '2026-12-01T03:15:00.000Z', offset: '+05:45' });
    expect(answer.body.audience.total).toBe(4);
  });

  it('200: shows the zones of recipients', async () => {
    expect(zonesOf(await preview({ runAt: '2026-12-01T09:00:00' }, { recipients: ['ada', 'dee'] }))).toEqual([
      'Europe/Berlin',
      'UTC',
    ]);
  });

  it('200: moves a wall time out of a gap, and says so', async () => {
    expect(await inBerlin({})).toMatchObject({
      sends: [{ local: '2027-03-28T03:30:00', offset: '+02:00', adjusted: 'gap' }],
    });
    expect(await inBerlin({ gap: 'backward' })).toMatchObject({
      sends: [{ local: '2027-03-28T01:30:00', adjusted: 'gap' }],
    });
    expect(await inBerlin({ gap: 'skip' })).toMatchObject({
      sends: [],
      skipped: [{ nominal: '2027-03-28T02:30:00', reason: 'gap' }],
    });
  });

  it('200: tells that a wall time is ambiguous, also under first', async () => {
    const schedule = { runAt: '2027-10-31T02:30:00' };
    const first = await preview(schedule, { zones: ['Europe/Berlin'] });
    expect(first.body.zones[0].sends[0]).toMatchObject({ offset: '+02:00', adjusted: 'overlap' });
    const second = await preview({ ...schedule, overlap: 'second' }, { zones: ['Europe/Berlin'] });
    expect(second.body.zones[0].sends[0]).toMatchObject({ offset: '+01:00', adjusted: 'overlap' });
  });

  it("200: shows each zone's clock at the one instant of a fixed schedule", async () => {
    const schedule = { runAt: '2026-12-01T09:00:00', timeZoneMode: 'fixed', timeZone: 'Asia/Tokyo' };
    const { body } = await preview(schedule, { zones: ['Asia/Tokyo', 'America/New_York'] });
    expect(body.zones.map(({ sends }: { sends: object[] }) => sends[0])).toEqual([
      expect.objectContaining({ local: '2026-12-01T09:00:00', at: '2026-12-01T00:00:00.000Z' }),
      expect.objectContaining({ local: '2026-11-30T19:00:00', at: '2026-12-01T00:00:00.000Z' }),
    ]);
  });

  it('200: shows a delay from now', async () => {
    const { body } = await preview({ delay: 'PT90M' }, { zones: ['UTC'] });
    expect(body.zones[0].sends[0]).toMatchObject({
      at: '2026-11-20T13:30:00.000Z',
      local: '2026-11-20T13:30:00',
    });
  });

  it('200: leaves out what is not after from, which may lie in the past', async () => {
    const zones = ['Asia/Tokyo', 'America/New_York'];
    const sends = async (from: string): Promise<number[]> => {
      const { body } = await preview({ runAt: '2020-01-01T09:00:00' }, { zones, from });
      return body.zones.map((zone: { sends: object[] }) => zone.sends.length);
    };
    expect(await sends('2019-12-31T00:00:00Z')).toEqual([1, 1]);
    expect(await sends('2020-01-01T00:00:00Z')).toEqual([0, 1]);
    expect(await sends('2020-01-01T14:00:00Z')).toEqual([0, 0]);
  });

  it('200: has no side effects', async () => {
    await preview({ name: 'x', channel: 'email', content: { body: 'b' }, runAt: '2026-12-01T09:00:00' });
    expect((await service.admin('GET', '/v1/schedules')).body.items).toEqual([]);
    expect(service.announced.count).toBe(0);
  });

  it('200: lets an ANALYST look', async () => {
    const analyst = await service.withRole('ANALYST');
    const body = { schedule: { runAt: '2026-12-01T09:00:00' } };
    expect((await analyst('POST', '/v1/schedules/preview', { body })).status).toBe(200);
  });

  it('422: names everything that is wrong, from the root of the request', async () => {
    const { status, body } = await service.admin('POST', '/v1/schedules/preview', {
      body: {
        schedule: { runAt: 'soon', timeZone: 'Paris', audienceQuery: { not: 5 }, color: 1, priority: 9 },
        from: 'yesterday',
        count: 101,
        zones: ['UTC+2'],
        recipients: ['ada', 'stranger'],
      },
    });
    expect(status).toBe(422);
    const codes = body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]);
    expect(codes).toEqual(
      expect.arrayContaining([
        ['/schedule/timeZone', 'zone.unknown'],
        ['/schedule/priority', 'field.value'],
        ['/schedule/color', 'field.unknown'],
        ['/schedule/audienceQuery/not', 'field.type'],
        ['/from', 'time.invalid'],
        ['/count', 'field.range'],
        ['/zones/0', 'zone.unknown'],
      ]),
    );
  });

  it('422: names a recipient who does not exist', async () => {
    const { body } = await preview({ runAt: '2026-12-01T09:00:00' }, { recipients: ['ada', 'stranger'] });
    expect(body.errors).toEqual([
      expect.objectContaining({ pointer: '/recipients/1', code: 'reference.unknown' }),
    ]);
  });

  it('422: names every one of many unknown zones without taking long over it', async () => {
    const zones = Array.from({ length: 1_000 }, (_, n) => `Nowhere/Number_${n}`);
    const started = Date.now();
    const { body } = await preview({ runAt: '2026-12-01T09:00:00' }, { zones });
    expect(body.errors).toHaveLength(1_000);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  it('422: wants a schedule', async () => {
    const { body } = await service.admin('POST', '/v1/schedules/preview', { body: {} });
    expect(body.errors[0]).toMatchObject({ pointer: '/schedule', code: 'field.required' });
  });
});
