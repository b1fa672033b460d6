import type { CircuitState } from '../domain/delivery/circuit';
import type { Channel, SendResult } from './channel';
import { withCircuitBreaker } from './circuit-breaker';
import { CONFORMANCE_RULES } from './conformance';
import { createNoopChannel } from './noop';

const CONTEXT = { tenantId: 1, priority: 3 } as const;
const message = { id: 'm', address: 'ada@example.test', body: 'x' };

/** A provider that answers `result` after `takesMs`, and its breaker. */
function guarded() {
  const provider = { result: { kind: 'transient' } as SendResult, takesMs: 0, asked: 0 };
  const time = { now: 0 };
  const states: CircuitState[] = [];
  const inner: Channel = {
    ...createNoopChannel(),
    async send() {
      provider.asked += 1;
      time.now += provider.takesMs;
      return provider.result;
    },
  };
  const channel = withCircuitBreaker(inner, {
    clock: () => time.now,
    changed: (state) => states.push(state),
  });
  const sendTimes = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) await channel.send(message, CONTEXT);
  };
  return { channel, provider, time, states, sendTimes };
}

describe('a channel with a circuit breaker', () => {
  describe.each(CONFORMANCE_RULES)('$name', ({ check }) => {
    it('as every channel', () =>
      check({
        channel: withCircuitBreaker(createNoopChannel(), { clock: Date.now, changed: () => undefined }),
        received: null,
      }));
  });

  it('asks nothing of a provider that fails, and says when to come again', async () => {
    const { channel, provider, sendTimes, time } = guarded();
    await sendTimes(26);
    expect(provider.asked).toBe(26);
    time.now += 12_000;
    expect(await channel.send(message, CONTEXT)).toEqual({ kind: 'unavailable', retryAfterMs: 18_000 });
    expect(channel.barredMs?.()).toBe(18_000);
    expect(provider.asked).toBe(26);
  });

  it('sends again once a probe has worked, and tells of each change', async () => {
    const { channel, provider, sendTimes, states, time } = guarded();
    await sendTimes(26);
    time.now += 30_000;
    provider.result = { kind: 'accepted' };
    expect(await channel.send(message, CONTEXT)).toEqual({ kind: 'accepted' });
    expect(await channel.send(message, CONTEXT)).toEqual({ kind: 'accepted' });
    expect(states).toEqual(['open', 'probing', 'closed']);
  });

  it.each<[SendResult['kind'], SendResult]>([
    ['rejected', { kind: 'rejected', reason: 'rejected-address' }],
    ['rate-limited', { kind: 'rate-limited' }],
    ['accepted', { kind: 'accepted' }],
  ])('stays closed when everything is %s', async (_, result) => {
    const { provider, sendTimes, states } = guarded();
    provider.result = result;
    await sendTimes(100);
    expect([provider.asked, states]).toEqual([100, []]);
  });

  it('takes answers beyond 10 s for failures', async () => {
    const { provider, sendTimes, states } = guarded();
    provider.result = { kind: 'accepted' };
    provider.takesMs = 10_000;
    await sendTimes(50);
    expect(states).toEqual([]);
    provider.takesMs = 10_001;
    await sendTimes(26);
    expect(states).toEqual(['open']);
  });

  it('takes what is thrown for a failure, and throws it on', async () => {
    const states: CircuitState[] = [];
    const channel = withCircuitBreaker(
      { ...createNoopChannel(), send: () => Promise.reject(new Error('a bug')) },
      { clock: () => 0, changed: (state) => states.push(state) },
    );
    for (let n = 0; n < 26; n += 1) await expect(channel.send(message, CONTEXT)).rejects.toThrow('a bug');
    expect(states).toEqual(['open']);
  });
});
