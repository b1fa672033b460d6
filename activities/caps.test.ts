import { DAY, HOUR } from '../domain/time/instant';
import type { CapRule } from '../domain/caps/rule';
import { DEFAULT_CAP_RULE } from '../domain/caps/rule';
import type { ScheduleConfig } from '../domain/schedule/config';
import type { SendResult } from '../channels/channel';
import type { RedisClient } from '../platform/redis';
import { campaignKeyRing, NINE, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { eventually } from '../test/eventually';
import { openHouse } from '../temporal-dev/house/house';
import type { House } from '../temporal-dev/house/house';
import { seedPeople } from '../test/people';
import { connectedRedis, placesOver } from '../test/places';
import { startRedis } from '../test/redis-servers';
import type { OwnRedis } from '../test/redis-servers';
import { REASON_CODES, STATE_CODES } from '../domain/delivery/state';
import type { Activities, OccurrenceRef, PageRange, Tally } from './contract';

let house: House;
let server: OwnRedis;
let answer: (address: string) => SendResult | Promise<SendResult>;
let channel: ScriptedChannel;
let campaign: Campaign;
const connections: RedisClient[] = [];

beforeAll(async () => {
  house = openHouse();
  server = await startRedis(house);
  channel = scriptedChannel('email', ({ address }) => answer(address));
  campaign = await startCampaign(channel);
});

afterAll(async () => {
  for (const connection of connections) connection.disconnect();
  server.client.disconnect();
  await campaign.close();
  await house.close();
});

beforeEach(async () => {
  answer = () => ({ kind: 'accepted' });
  channel.sent.length = 0;
  await campaign.reset();
});

/** A worker with its own connection to the Redis that the test may empty and kill. */
async function worker(own: Parameters<Campaign['worker']>[0] = {}): Promise<Activities> {
  const redis = await connectedRedis(server.url);
  connections.push(redis);
  return campaign.worker({ places: placesOver(campaign.db, redis, () => campaign.clock.now), ...own });
}

const seed = (count: number): Promise<string[]> =>
  seedPeople(
    campaign.db,
    campaignKeyRing,
    campaign.tenantId,
    Array.from({ length: count }, (_, index) => ({ id: `p${index}`, email: `p${index}@example.test` })),
  );

const caps = (rule: Partial<CapRule>): Pick<ScheduleConfig, 'caps'> => ({
  caps: { ...DEFAULT_CAP_RULE, ...rule },
});

async function onlyPage(activities: Activities, ref: OccurrenceRef): Promise<PageRange> {
  const [range] = await activities.cutPages({ ...ref, at: NINE });
  if (!range) throw new Error('There is no page.');
  return range;
}

/** Makes a failed message a claim again, as a person's decision does. */
async function replay({ occurrenceId }: OccurrenceRef, rid: string): Promise<void> {
  await campaign.db.pool.query(
    `update delivery set state = $1, reason = $2, lease_until = $3, settled_at = null
      where occurrence_id = $4 and rid = $5`,
    [STATE_CODES.claimed, REASON_CODES.replayed, new Date(NINE), occurrenceId, rid],
  );
}

async function deliver(activities: Activities, ref: OccurrenceRef, at = NINE): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const range of await activities.cutPages({ ...ref, at })) {
    tallies.push(await activities.deliverPage({ ...ref, at, range }));
  }
  return tallies;
}

describe('a page under caps', () => {
  it('sends 2,000 people exactly one of two messages that are due at one instant, from two workers', async () => {
    await seed(2_000);
    const [one, other] = await Promise.all([worker(), worker()]);
    const rule = caps({ perDay: 1 });
    const refs = [await campaign.open(rule), await campaign.open(rule)] as const;
    await Promise.all([untilDelivered(one, refs[0]), untilDelivered(other, refs[1])]);
    const outcomes = (await Promise.all(refs.map((ref) => campaign.outcomes(ref)))).flatMap(Object.values);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(2_000);
    expect(outcomes.filter((outcome) => outcome === 'capped/cap-day')).toHaveLength(2_000);
    expect(new Set(channel.sent.map(({ address }) => address)).size).toBe(2_000);
    expect(channel.sent).toHaveLength(2_000);
  });

  it('names the cap of the week', async () => {
    await seed(1);
    const activities = await worker();
    await deliver(activities, await campaign.open(caps({ perWeek: 1 })));
    const second = await campaign.open(caps({ perWeek: 1 }));
    await deliver(activities, second);
    expect(await campaign.outcomes(second)).toEqual({ p0: 'capped/cap-week' });
  });

  it('lets transactional messages pass, and counts them for nobody', async () => {
    await seed(1);
    const activities = await worker();
    const rule = caps({ perDay: 1 });
    for (const category of ['transactional', 'transactional', 'marketing', 'transactional']) {
      const ref = await campaign.open({ ...rule, category });
      await deliver(activities, ref);
      expect(await campaign.outcomes(ref)).toEqual({ p0: 'sent' });
    }
  });

  it('counts a message of a schedule without caps for the caps of others', async () => {
    await seed(1);
    const activities = await worker();
    await deliver(activities, await campaign.open(caps({ perDay: null, perWeek: null })));
    const capped = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, capped);
    expect(await campaign.outcomes(capped)).toEqual({ p0: 'capped/cap-day' });
  });

  it('holds what contract.md says of a schedule that says nothing: three a day', async () => {
    await seed(1);
    const activities = await worker();
    const outcomes: string[] = [];
    for (let times = 0; times < 4; times += 1) {
      const ref = await campaign.open({});
      await deliver(activities, ref);
      outcomes.push(...Object.values(await campaign.outcomes(ref)));
    }
    expect(outcomes).toEqual(['sent', 'sent', 'sent', 'capped/cap-day']);
  });

  it('lets a daily message at nine never meet itself', async () => {
    await seed(1);
    const activities = await worker();
    for (const day of ['01', '02', '03', '04']) {
      const timing = {
        kind: 'once-local',
        runAt: `2026-12-${day}T09:00:00`,
        gap: 'forward',
        overlap: 'first',
        timeZone: null,
      } as const;
      campaign.clock.now = NINE + (Number(day) - 1) * DAY + 1_000;
      const ref = await campaign.open({ ...caps({ perDay: 1 }), timing });
      await deliver(activities, ref, NINE + (Number(day) - 1) * DAY);
      expect(await campaign.outcomes(ref)).toEqual({ p0: 'sent' });
    }
  });

  it('takes the calendar day of the person, over a change of the clocks', async () => {
    await seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, [
      { id: 'paris', email: 'paris@example.test', timeZone: 'Europe/Paris' },
    ]);
    const activities = await worker();
    // The clocks of Paris go from 02:00 to 03:00 on 2026-03-29: these two are 23 hours apart.
    const outcomes: string[] = [];
    for (const [runAt, instant] of [
      ['2026-03-28T09:00:00', '2026-03-28T08:00:00Z'],
      ['2026-03-29T09:00:00', '2026-03-29T07:00:00Z'],
      ['2026-03-29T23:00:00', '2026-03-29T21:00:00Z'],
    ] as const) {
      const timing = { kind: 'once-local', runAt, gap: 'forward', overlap: 'first', timeZone: null } as const;
      const at = Date.parse(instant);
      campaign.clock.now = at;
      const ref = await campaign.open({ ...caps({ perDay: 1, window: 'calendar' }), timing });
      await deliver(activities, ref, at);
      outcomes.push(...Object.values(await campaign.outcomes(ref)));
    }
    expect(outcomes).toEqual(['sent', 'sent', 'capped/cap-day']);
  });

  it('takes one place for a page that runs again', async () => {
    await seed(20);
    const stop = new AbortController();
    let calls = 0;
    answer = () => {
      calls += 1;
      if (calls === 5) stop.abort();
      return { kind: 'accepted' };
    };
    const ref = await campaign.open(caps({ perDay: 2 }));
    const first = await worker({ run: { stop: stop.signal } });
    await expect(deliver(first, ref)).rejects.toThrow('stopped');
    const again = await worker();
    await deliver(again, ref);
    const second = await campaign.open(caps({ perDay: 2 }));
    await deliver(again, second);
    expect(new Set(Object.values(await campaign.outcomes(second)))).toEqual(new Set(['sent']));
    const third = await campaign.open(caps({ perDay: 2 }));
    await deliver(again, third);
    expect(new Set(Object.values(await campaign.outcomes(third)))).toEqual(new Set(['capped/cap-day']));
  });

  it('gives the place of a duplicate back: they got nothing', async () => {
    await seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, [
      { id: 'ada', email: 'ada@example.test' },
      { id: 'twin', email: 'ada@example.test' },
    ]);
    const activities = await worker();
    const first = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, first);
    expect(await campaign.outcomes(first)).toEqual({ ada: 'sent', twin: 'duplicate' });
    const second = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, second);
    expect(await campaign.outcomes(second)).toEqual({ ada: 'capped/cap-day', twin: 'sent' });
  });

  it('gives the place of a message back that was certainly not accepted', async () => {
    await seed(1);
    const activities = await worker();
    answer = () => ({ kind: 'rejected', reason: 'rejected-message' });
    const refused = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, refused);
    expect(await campaign.outcomes(refused)).toEqual({ p0: 'failed/rejected-message' });
    answer = () => ({ kind: 'accepted' });
    const next = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, next);
    expect(await campaign.outcomes(next)).toEqual({ p0: 'sent' });
  });

  it('keeps the place of a message that may have been accepted, also when a later copy is refused', async () => {
    await seed(1);
    const activities = await worker();
    let calls = 0;
    answer = () =>
      (calls += 1) === 1 ? { kind: 'unknown' } : { kind: 'rejected', reason: 'rejected-message' };
    const refused = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, refused);
    expect(await campaign.outcomes(refused)).toEqual({ p0: 'failed/rejected-message' });
    answer = () => ({ kind: 'unknown' });
    const capped = await campaign.open({ ...caps({ perDay: 1 }), onUnknown: 'hold' });
    await deliver(activities, capped);
    expect(await campaign.outcomes(capped)).toEqual({ p0: 'capped/cap-day' });
  });

  it('gives the place of a replayed message back when it fails once more', async () => {
    await seed(1);
    const activities = await worker();
    answer = () => ({ kind: 'rejected', reason: 'rejected-message' });
    const failed = await campaign.open(caps({ perDay: 1 }));
    const range = await onlyPage(activities, failed);
    await deliver(activities, failed);
    await replay(failed, range.upTo);
    await activities.deliverPage({ ...failed, at: NINE, range });
    expect(await campaign.rows(failed)).toMatchObject([{ state: 'failed', attempts: 2 }]);
    answer = () => ({ kind: 'accepted' });
    const next = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, next);
    expect(await campaign.outcomes(next)).toEqual({ p0: 'sent' });
  });

  it('takes a place again for a failed message that a person sends once more, or caps it', async () => {
    await seed(2);
    const activities = await worker();
    answer = () => ({ kind: 'rejected', reason: 'rejected-message' });
    const failed = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, failed);
    const range = await onlyPage(activities, await campaign.open({}));
    answer = () => ({ kind: 'accepted' });
    const [first = ''] = (await campaign.rows(failed)).map(({ rid }) => rid);
    await replay(failed, first);
    await activities.deliverPage({ ...failed, at: NINE, range });
    const next = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, next);
    expect(await campaign.outcomes(next)).toEqual({ p0: 'capped/cap-day', p1: 'sent' });
    await replay(failed, range.upTo);
    await activities.deliverPage({ ...failed, at: NINE, range });
    expect(await campaign.outcomes(failed)).toEqual({ p0: 'sent', p1: 'capped/cap-day' });
  });

  it('gives back what it took when its schedule is cancelled before it claims', async () => {
    await seed(1);
    const activities = await worker();
    const ref = await campaign.open(caps({ perDay: 1 }));
    const range = await onlyPage(activities, ref);
    // The page takes places while the row of the schedule is held, and finds it cancelled when it claims.
    const redis = await connectedRedis(server.url);
    connections.push(redis);
    const places = placesOver(campaign.db, redis, () => campaign.clock.now);
    const cancelling = campaign.worker({
      places: {
        ...places,
        async take(tenantId, request) {
          const taken = await places.take(tenantId, request);
          await campaign.cancel(ref);
          return taken;
        },
      },
    });
    await cancelling.deliverPage({ ...ref, at: NINE, range });
    expect(await campaign.outcomes(ref)).toEqual({ p0: 'cancelled/schedule-cancelled' });
    const next = await campaign.open(caps({ perDay: 1 }));
    await deliver(activities, next);
    expect(await campaign.outcomes(next)).toEqual({ p0: 'sent' });
  });
});

describe('a Redis that loses what it knew', () => {
  it('lets nobody have more than their caps when it is emptied in the middle', async () => {
    await seed(600);
    const rule = caps({ perDay: 1 });
    const refs = [await campaign.open(rule), await campaign.open(rule), await campaign.open(rule)];
    const workers = await Promise.all(refs.map(() => worker()));
    let calls = 0;
    answer = async () => {
      calls += 1;
      if (calls === 50 || calls === 300) await server.client.flushall();
      return { kind: 'accepted' };
    };
    await Promise.all(
      refs.map(async (ref, index) => {
        const activities = workers[index];
        if (activities) await untilDelivered(activities, ref);
      }),
    );
    const outcomes = (await Promise.all(refs.map((ref) => campaign.outcomes(ref)))).flatMap(Object.values);
    expect(outcomes).toHaveLength(1_800);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(600);
    expect(channel.sent).toHaveLength(600);
  });

  it('lets nobody have more than their caps when it is started again without its memory', async () => {
    await seed(50);
    const activities = await worker();
    await deliver(activities, await campaign.open(caps({ perDay: 1 })));
    await server.kill();
    await server.start();
    const next = await campaign.open(caps({ perDay: 1 }));
    await untilDelivered(activities, next);
    expect(new Set(Object.values(await campaign.outcomes(next)))).toEqual(new Set(['capped/cap-day']));
    expect(channel.sent).toHaveLength(50);
  });

  describe('while it is away', () => {
    afterEach(async () => {
      await server.start();
      await eventually('everybody is connected again', () =>
        [server.client, ...connections].every(({ status }) => status === 'ready'),
      );
    });

    it('holds messages back, and the page fails so that it comes again', async () => {
      await seed(3);
      const activities = await worker();
      const ref = await campaign.open(caps({}));
      await server.kill();
      await expect(deliver(activities, ref)).rejects.toMatchObject({
        type: 'CapsUnavailable',
        nonRetryable: false,
      });
      expect(campaign.slept.length).toBeGreaterThan(3);
      expect([await campaign.outcomes(ref), channel.sent]).toEqual([{}, []]);
    });

    it('waits no longer for a page whose schedule is cancelled, and records its people so', async () => {
      await seed(3);
      const ref = await campaign.open(caps({}));
      const activities = await worker({
        sleep: async (_, signal) => {
          await campaign.cancel(ref);
          await eventually('the page was told', () => signal?.aborted === true);
        },
      });
      await server.kill();
      await deliver(activities, ref);
      expect(new Set(Object.values(await campaign.outcomes(ref)))).toEqual(
        new Set(['cancelled/schedule-cancelled']),
      );
    });

    it('lets messages pass where the schedule says allow, and counts them afterwards', async () => {
      await seed(40);
      const activities = await worker();
      await deliver(activities, await campaign.open(caps({ perDay: 3 })));
      const away = await campaign.open(caps({ perDay: 1, onUnavailable: 'allow' }));
      await server.kill();
      await deliver(activities, away);
      expect(new Set(Object.values(await campaign.outcomes(away)))).toEqual(new Set(['sent']));
      await server.start();
      const after = await campaign.open(caps({ perDay: 2 }));
      await untilDelivered(activities, after);
      expect(new Set(Object.values(await campaign.outcomes(after)))).toEqual(new Set(['capped/cap-day']));
      await server.kill();
    });

    it('lets messages pass that have no caps of their own, and counts them afterwards', async () => {
      await seed(3);
      const activities = await worker();
      const away = await campaign.open(caps({ perDay: null, perWeek: null }));
      await server.kill();
      await deliver(activities, away);
      expect(await campaign.outcomes(away)).toEqual({ p0: 'sent', p1: 'sent', p2: 'sent' });
      await server.start();
      const after = await campaign.open(caps({ perDay: 1 }));
      await untilDelivered(activities, after);
      expect(new Set(Object.values(await campaign.outcomes(after)))).toEqual(new Set(['capped/cap-day']));
      await server.kill();
    });
  });
});

/** As the workflow does: a page that fails for want of Redis comes again. */
async function untilDelivered(activities: Activities, ref: OccurrenceRef): Promise<void> {
  await eventually('the pages are delivered', async () => {
    campaign.clock.now = Math.min(campaign.clock.now, NINE + HOUR / 2);
    return deliver(activities, ref).then(
      async () => (await activities.cutPages({ ...ref, at: NINE })).length === 0,
      () => false,
    );
  });
}
