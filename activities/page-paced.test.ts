import { withPacing } from '../channels/pacing';
import type { SharedPace } from '../domain/delivery/pace';
import { campaignKeyRing, NINE, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign } from '../test/campaign';
import { seedPeople } from '../test/people';

let campaign: Campaign | undefined;

afterEach(() => campaign?.close());

/** A Redis that is away: the worker keeps the pace by itself, under the clock of the test. */
const away: SharedPace = {
  take: () => Promise.reject(new Error('away')),
  slowDown: () => Promise.reject(new Error('away')),
};

describe('a page at the pace of its provider', () => {
  it('gets everybody their message in one attempt each, and counts what the provider put off and nothing else', async () => {
    const clock = { now: (): number => NINE };
    let complaints = 0;
    const provider = scriptedChannel('noop', (_, attempt) => {
      if (attempt > 1 || provider.sent.length % 40 !== 0) return { kind: 'accepted' };
      complaints += 1;
      return { kind: 'rate-limited', retryAfterMs: 3_000 };
    });
    const channel = withPacing(provider, {
      shared: away,
      clock: () => clock.now(),
      configured: null,
      alone: () => undefined,
      slowed: () => undefined,
    });
    const own = await startCampaign(channel);
    campaign = own;
    clock.now = () => own.clock.now;
    await seedPeople(
      own.db,
      campaignKeyRing,
      1,
      Array.from({ length: 150 }, (_, index) => ({ id: `p${index}` })),
    );
    const ref = await own.open({ channel: 'noop' });
    for (const range of await own.pages(ref, NINE)) {
      await own.activities.deliverPage({ ...ref, at: NINE, range });
    }
    expect(new Set(Object.values(await own.outcomes(ref)))).toEqual(new Set(['sent']));
    expect(new Set((await own.rows(ref)).map(({ attempts }) => attempts))).toEqual(new Set([1]));
    expect(complaints).toBeGreaterThan(0);
    expect(provider.sent).toHaveLength(150 + complaints);
    expect(own.clock.now).toBeGreaterThanOrEqual(NINE + 3_000);
    expect(await own.metrics.registry.getSingleMetricAsString('notifications_rate_limited_total')).toContain(
      `notifications_rate_limited_total{channel="noop",provider="scripted"} ${complaints}`,
    );
  });
});
