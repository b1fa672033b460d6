import { once } from 'node:events';
import type { Channel, SendResult } from '../channels/channel';
import type { Begun } from '../domain/delivery/chain';
import type { OnUnknown } from '../domain/delivery/doubt';
import { deliver } from './deliver';
import type { DeliveryTerms } from './deliver';
import { createLane } from './lane';
import type { PersonStanding } from './last-look';

interface World extends DeliveryTerms {
  readonly providers: readonly Channel[];
  readonly expiresAfterMs: number;
  readonly onUnknown: OnUnknown;
}

function terms(answers: SendResult[], own: Partial<World> = {}) {
  const slept: number[] = [];
  let sent = 0;
  const lane = createLane(1);
  const provider: Channel = {
    name: 'email',
    provider: 'test',
    concurrency: 1,
    send: () => Promise.resolve(answers[sent++] ?? { kind: 'accepted' }),
    close: () => Promise.resolve(),
  };
  const all: World = {
    providers: [provider],
    laneOf: () => lane,
    expiresAfterMs: 1_000_000,
    onUnknown: 'resend',
    clock: () => 5,
    random: () => 0.5,
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
    cancelled: new AbortController().signal,
    stop: new AbortController().signal,
    holds: () => Promise.resolve(true),
    compose: () => ({
      kind: 'message',
      message: { id: 'm', address: 'a@example.test', body: 'x' },
      locale: 'en',
    }),
    move: () => Promise.resolve('moved'),
    standing: () => Promise.resolve({ kind: 'stands' }),
    paced: () => undefined,
    attempted: () => undefined,
    ...own,
  };
  return { all, slept, provider, count: () => sent };
}

/** Sends a message that is due at 0, of which others may have left something. */
async function send(left: Partial<Begun>, { providers, expiresAfterMs, onUnknown, ...all }: World) {
  const begun: Begun = { channel: 'email', provider: null, attempts: 0, reason: null, trail: [], ...left };
  const route = [{ channel: 'email', providers }] as const;
  const parcel = {
    key: '1',
    context: { tenantId: 1, priority: 3 as const },
    route,
    onUnknown,
    begun,
    passedOver: [],
    expiresAt: expiresAfterMs,
    seenAt: 0,
  };
  const delivered = await deliver(parcel, all);
  return delivered.kind === 'settled' ? { ...delivered, verdict: delivered.ending.verdict } : delivered;
}

describe('delivering a message', () => {
  it('spreads every back-off by a fifth to both sides', async () => {
    const transient = { kind: 'transient' } as const;
    const early = terms([transient], { random: () => 0 });
    const late = terms([transient], { random: () => 1 });
    await send({}, early.all);
    await send({}, late.all);
    expect([...early.slept, ...late.slept].map(Math.round)).toEqual([1_600, 2_400]);
  });

  it('sends nothing for a claim that was lost', async () => {
    const { all, count } = terms([], { holds: () => Promise.resolve(false) });
    expect(await send({}, all)).toEqual({ kind: 'lost' });
    expect(count()).toBe(0);
  });

  it('sends nothing after a stop and says how many attempts were made', async () => {
    const stop = new AbortController();
    const { all, count } = terms([{ kind: 'transient' }], {
      stop: stop.signal,
      sleep: () => {
        stop.abort();
        return Promise.resolve();
      },
    });
    expect(await send({ attempts: 1 }, all)).toMatchObject({
      kind: 'unsent',
      attempts: 2,
      doubt: null,
    });
    expect(count()).toBe(1);
  });

  it('makes no attempt beyond the third retry, whoever made the others', async () => {
    const { all, count } = terms([]);
    expect(await send({ attempts: 4 }, all)).toMatchObject({
      verdict: { state: 'failed', reason: 'provider-unavailable' },
    });
    expect(count()).toBe(0);
  });
});

describe('a provider that is given up for a while', () => {
  const unavailable = { kind: 'unavailable', retryAfterMs: 30_000 } as const;

  it('is waited for as long as it takes, and no retry is used up', async () => {
    const { all, slept } = terms(Array.from({ length: 100 }, () => unavailable));
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'sent' }, attempts: 1 });
    expect(slept).toEqual(Array(100).fill(33_000));
  });

  it('is waited for until the message expires', async () => {
    let now = 5;
    const { all } = terms([unavailable], {
      clock: () => now,
      expiresAfterMs: 100,
      sleep: async () => {
        now = 106;
      },
    });
    expect(await send({}, all)).toMatchObject({
      verdict: { state: 'expired', reason: 'expired-message' },
      attempts: 0,
    });
  });

  it('keeps nobody who is called off', async () => {
    const stop = new AbortController();
    const sleep = async (): Promise<void> => stop.abort();
    const { all } = terms([unavailable], { stop: stop.signal, sleep });
    expect(await send({}, all)).toMatchObject({ kind: 'unsent', attempts: 0, doubt: null });
  });
});

const throwing = (): Promise<SendResult> => Promise.reject(new Error('a bug'));

describe('an attempt that nobody answered', () => {
  const unknown = { kind: 'unknown' } as const;

  it('is made again when the schedule says resend, and the last answer counts', async () => {
    const { all, slept, count } = terms([unknown, { kind: 'transient' }]);
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'sent' }, attempts: 3 });
    expect([count(), slept]).toEqual([3, [2_000, 8_000]]);
  });

  it('is left to a person when the schedule says hold', async () => {
    const { all, count } = terms([unknown], { onUnknown: 'hold' });
    expect(await send({}, all)).toMatchObject({
      verdict: { state: 'unknown', reason: 'no-answer' },
      attempts: 1,
    });
    expect(count()).toBe(1);
  });

  it('never ends as failed or expired, because it may have been accepted', async () => {
    const exhausted = terms([unknown, ...Array.from({ length: 3 }, () => ({ kind: 'transient' }) as const)]);
    expect(await send({}, exhausted.all)).toMatchObject({
      verdict: { state: 'unknown', reason: 'no-answer' },
      attempts: 4,
    });
    let now = 5;
    const expiring = terms([unknown], {
      clock: () => now,
      expiresAfterMs: 100,
      sleep: async () => {
        now = 106;
      },
    });
    expect(await send({}, expiring.all)).toMatchObject({ verdict: { state: 'unknown' }, attempts: 1 });
  });

  it('fails when the provider refuses the next one for good', async () => {
    const { all } = terms([unknown, { kind: 'rejected', reason: 'rejected-address' }]);
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'failed' }, attempts: 2 });
  });

  it('is told to whoever goes on after a stop', async () => {
    const stop = new AbortController();
    const sleep = async (): Promise<void> => stop.abort();
    const { all } = terms([unknown], { stop: stop.signal, sleep });
    expect(await send({}, all)).toMatchObject({ kind: 'unsent', attempts: 1, doubt: 'no-answer' });
  });

  it('counts when its owner was lost before they could record it', async () => {
    const { all } = terms([]);
    expect(await send({ attempts: 4, reason: 'owner-lost' }, all)).toMatchObject({
      verdict: { state: 'unknown', reason: 'owner-lost' },
    });
  });

  it('gets all of its retries again when a person decides so', async () => {
    const { all, slept } = terms([{ kind: 'transient' }]);
    expect(await send({ attempts: 4, reason: 'decided' }, all)).toMatchObject({
      verdict: { state: 'sent' },
      attempts: 6,
    });
    expect(slept).toEqual([2_000]);
  });

  it('is one by a provider that threw', async () => {
    const { all, provider } = terms([]);
    const broken = await send({}, { ...all, providers: [{ ...provider, send: throwing }] });
    expect(broken).toMatchObject({ kind: 'broken', attempts: 1, doubt: 'no-answer' });
    const lost = await send({}, { ...all, holds: () => Promise.reject(new Error('away')) });
    expect(lost).toMatchObject({ kind: 'broken', attempts: 0, doubt: null });
  });
});

describe('a message whose turn has not come under the rate of its provider', () => {
  const paced = { kind: 'paced', retryAfterMs: 70 } as const;

  it('waits as often as it is told to, which is no attempt and no retry', async () => {
    const told: SendResult[] = [];
    const { all, slept } = terms(
      Array.from({ length: 100 }, () => paced),
      { attempted: (_key, _provider, result) => told.push(result) },
    );
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'sent' }, attempts: 1 });
    expect(slept).toEqual(Array(100).fill(70));
    expect(told).toEqual([{ kind: 'accepted' }]);
  });

  it('keeps the lane from nobody meanwhile', async () => {
    const lane = createLane(1);
    const { all } = terms([paced], { laneOf: () => lane, sleep: () => lane.run(() => Promise.resolve()) });
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'sent' } });
  });

  it('costs no further look while the last one is fresh', async () => {
    const { all } = terms([paced], { standing: () => Promise.reject(new Error('asked')) });
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'sent' } });
  });

  it('expires when its time is over, not when its turn comes', async () => {
    let now = 5;
    const { all, slept } = terms([{ ...paced, retryAfterMs: 3_600_000 }], {
      clock: () => now,
      expiresAfterMs: 100,
      sleep: async (ms) => {
        slept.push(ms);
        now += ms;
      },
    });
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'expired' }, attempts: 0 });
    expect(slept).toEqual([96]);
  });
});

describe('a provider that is asked too often', () => {
  const limited = { kind: 'rate-limited' } as const;

  it('consumes no retry, and is asked ever less often', async () => {
    const answers = Array.from({ length: 6 }, () => limited);
    const { all, slept } = terms(answers);
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'sent' }, attempts: 1 });
    expect(slept).toEqual([2_000, 8_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('is not asked before the time that it names', async () => {
    const { all, slept } = terms([{ ...limited, retryAfterMs: 90_000 }]);
    await send({}, all);
    expect(slept).toEqual([90_000]);
  });

  it('is asked again after an hour, whatever it names', async () => {
    const { all, slept } = terms([{ ...limited, retryAfterMs: 1e15 }], { expiresAfterMs: 86_400_000 });
    await send({}, all);
    expect(slept).toEqual([3_600_000]);
  });

  it('is given up like one that fails when that lasts for half an hour', async () => {
    const answers = Array.from({ length: 40 }, () => limited);
    const { all, count } = terms(answers);
    expect(await send({}, all)).toMatchObject({
      verdict: { state: 'failed', reason: 'provider-unavailable' },
    });
    expect(count()).toBe(34);
  });
});

const suppressed = (): Promise<PersonStanding> =>
  Promise.resolve({ kind: 'suppressed', reason: 'complaint' });

describe('a message that waits in line before its first attempt', () => {
  const waited = { clock: () => 1_000 };

  it('is not sent to somebody who was erased meanwhile', async () => {
    const { all, count } = terms([], { ...waited, standing: () => Promise.resolve({ kind: 'erased' }) });
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'erased' }, attempts: 0 });
    expect(count()).toBe(0);
  });

  it('is not sent to an address that was suppressed meanwhile, and a doubt stays one', async () => {
    const { all, count } = terms([], { ...waited, standing: suppressed });
    expect(await send({}, all)).toMatchObject({
      verdict: { state: 'suppressed', reason: 'complaint' },
      attempts: 0,
    });
    expect(await send({ attempts: 1, reason: 'owner-lost' }, all)).toMatchObject({
      verdict: { state: 'unknown', reason: 'owner-lost' },
    });
    expect(count()).toBe(0);
  });

  it('is not sent once its schedule was cancelled', async () => {
    const { all, count } = terms([], { ...waited, standing: () => Promise.resolve({ kind: 'cancelled' }) });
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'cancelled' } });
    expect(count()).toBe(0);
  });

  it('is looked at when its turn comes, not when it gets in line', async () => {
    let now = 5;
    const lane = createLane(1);
    const ahead = new AbortController();
    void lane.run(() => once(ahead.signal, 'abort'));
    const { all, count } = terms([], { laneOf: () => lane, clock: () => now, expiresAfterMs: 100 });
    const delivered = send({}, all);
    now = 101;
    ahead.abort();
    expect(await delivered).toMatchObject({ verdict: { state: 'expired' } });
    expect(count()).toBe(0);
  });

  it('costs no look when its claim has just looked', async () => {
    const { all } = terms([], { standing: () => Promise.reject(new Error('asked')) });
    expect(await send({}, all)).toMatchObject({ verdict: { state: 'sent' } });
  });
});

describe('a lane', () => {
  it('runs no more tasks at once than it is wide, in the order in which they came', async () => {
    const lane = createLane(2);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    await Promise.all(
      [1, 2, 3, 4, 5].map((task) =>
        lane.run(async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          order.push(task);
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('frees its place when a task fails', async () => {
    const lane = createLane(1);
    await expect(lane.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await lane.run(() => Promise.resolve('next'))).toBe('next');
  });
});
