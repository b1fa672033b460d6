import type { SharedPace } from '../domain/delivery/pace';
import type { SendContext, SendResult } from './channel';
import { CONFORMANCE_RULES } from './conformance';
import { createNoopChannel } from './noop';
import { withPacing } from './pacing';

/** Redis where nobody ever complained, and where a configured rate gives one token. */
function redis(): SharedPace {
  let tokens = 1;
  return {
    async take(_, configured) {
      if (configured === null) return { kind: 'free' };
      return {
        kind: 'paced',
        granted: Math.max(0, tokens--),
        waitMs: 250,
        rate: configured,
        recoveringForMs: null,
      };
    },
    slowDown: async () => undefined,
  };
}
const message = { id: 'm', address: 'ada@example.test', body: 'x' };
const context = (tenantId: number): SendContext => ({ tenantId, priority: 3 });

function guarded(configured: number | null = null) {
  const time = { now: 1_000_000 };
  const provider = { result: { kind: 'accepted' } as SendResult, asked: 0 };
  const slowed: number[] = [];
  const inner = {
    ...createNoopChannel(),
    async send() {
      provider.asked += 1;
      return provider.result;
    },
  };
  const channel = withPacing(inner, {
    shared: redis(),
    clock: () => time.now,
    configured,
    alone: () => undefined,
    slowed: ({ tenantId }) => slowed.push(tenantId),
  });
  return { channel, provider, time, slowed };
}

describe('a channel that is asked no faster than it takes', () => {
  describe.each(CONFORMANCE_RULES)('$name', ({ check }) => {
    it('as every channel', () => check({ channel: guarded().channel, received: null }));
  });

  it('asks nothing for a tenant whose messages it was sent too often, and goes on for the others', async () => {
    const { channel, provider, slowed } = guarded();
    provider.result = { kind: 'rate-limited', retryAfterMs: 5_000 };
    expect(await channel.send(message, context(1))).toEqual(provider.result);
    provider.result = { kind: 'accepted' };
    expect(await channel.send(message, context(1))).toEqual({ kind: 'paced', retryAfterMs: 5_000 });
    expect(await channel.send(message, context(2))).toEqual({ kind: 'accepted' });
    expect([provider.asked, slowed]).toEqual([2, [1]]);
  });

  it('asks again once the time is over that the provider named', async () => {
    const { channel, provider, time } = guarded();
    provider.result = { kind: 'rate-limited', retryAfterMs: 5_000 };
    await channel.send(message, context(1));
    provider.result = { kind: 'accepted' };
    time.now += 5_000;
    const first = await channel.send(message, context(1));
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect([first.kind, (await channel.send(message, context(1))).kind]).toEqual(['paced', 'accepted']);
  });

  it.each<SendResult>([
    { kind: 'transient' },
    { kind: 'unknown' },
    { kind: 'unavailable', retryAfterMs: 1_000 },
  ])('does not take %j for a complaint', async (result) => {
    const { channel, provider } = guarded();
    provider.result = result;
    await channel.send(message, context(1));
    expect(await channel.send(message, context(1))).toEqual(result);
  });

  it('holds all tenants together to the rate that it is configured for', async () => {
    const { channel, provider } = guarded(4);
    const results = [];
    for (let n = 0; n < 40; n += 1) results.push(await channel.send(message, context(n)));
    expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(results).toContainEqual({ kind: 'paced', retryAfterMs: expect.any(Number) });
    expect(provider.asked).toBe(1);
  });
});
