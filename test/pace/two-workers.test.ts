import { randomInt } from 'node:crypto';
import type { Channel, SendResult } from '../../channels/channel';
import { createNoopChannel } from '../../channels/noop';
import { withPacing } from '../../channels/pacing';
import { createSharedPace } from '../../store/pace/shared-pace';
import { eventually } from '../eventually';
import { connectedRedis } from '../places';
import { stack } from '../stack';

const message = { id: 'm', address: 'ada@example.test', body: 'x' };

/** A provider that takes so many messages in all, and asks whoever brings more to come again in a minute. */
function provider(most: number) {
  const asked = { times: 0, beyond: 0 };
  const channel: Channel = {
    ...createNoopChannel(),
    async send(): Promise<SendResult> {
      asked.times += 1;
      if (asked.times <= most) return { kind: 'accepted' };
      asked.beyond += 1;
      return { kind: 'rate-limited', retryAfterMs: 60_000 };
    },
  };
  return { channel, asked };
}

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** The provider as one process has it: with a connection to Redis of its own. */
async function workersOwn(channel: Channel): Promise<Channel> {
  const redis = await connectedRedis(stack().redis);
  closing.push(() => redis.disconnect());
  return withPacing(channel, {
    shared: createSharedPace(redis),
    clock: Date.now,
    configured: null,
    alone: () => undefined,
    slowed: () => undefined,
  });
}

describe('two workers and one provider', () => {
  it('both leave it alone when it has asked one of them to, for that tenant alone', async () => {
    const { channel, asked } = provider(10);
    const [one, other] = await Promise.all([workersOwn(channel), workersOwn(channel)]);
    const context = { tenantId: randomInt(1e6, 2e9), priority: 3 } as const;
    for (let n = 0; n < 5; n += 1) {
      expect(await one.send(message, context)).toEqual({ kind: 'accepted' });
      expect(await other.send(message, context)).toEqual({ kind: 'accepted' });
    }
    expect(await one.send(message, context)).toMatchObject({ kind: 'rate-limited' });
    const askedTogether = asked.times;
    expect(await one.send(message, context)).toMatchObject({ kind: 'paced' });
    expect(asked.times).toBe(askedTogether);

    // It never was answered so itself: what it sends until it has looked is accepted.
    asked.times = 0;
    await eventually('the other worker has heard of it', async () => {
      const { kind } = await other.send(message, context);
      asked.times = 0;
      return kind === 'paced';
    });
    const told = await other.send(message, context);
    expect(told.kind === 'paced' && told.retryAfterMs).toBeGreaterThan(30_000);
    expect(asked.beyond).toBe(1);
    expect(await other.send(message, { ...context, tenantId: context.tenantId + 1 })).toEqual({
      kind: 'accepted',
    });
  });
});
