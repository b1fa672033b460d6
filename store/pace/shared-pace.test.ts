import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { configuredPace, slowedDown, takeTokens } from '../../domain/delivery/pace';
import type { Pace } from '../../domain/delivery/pace';
import type { RedisClient } from '../../platform/redis';
import { connectedRedis } from '../../test/places';
import { stack } from '../../test/stack';
import { SLOW_DOWN, TAKE_TOKENS } from './scripts';
import { createSharedPace } from './shared-pace';

let redis: RedisClient;

beforeAll(async () => {
  redis = await connectedRedis(stack().redis);
});

afterAll(() => redis.disconnect());

const fresh = (): string => `{pace:test-${randomUUID()}}`;

async function run(script: string, key: string, ...args: (string | number)[]): Promise<number[]> {
  const answer = (await redis.eval(script, 1, key, ...args)) as (string | number)[];
  return answer.map(Number);
}

/** A pace as it would be when it was read `agoMs` later than it was written. */
async function age(key: string, agoMs: number): Promise<void> {
  const kept = await redis.hmget(key, 'at', 'from');
  const [at, from] = kept.map((text) => (text === null ? null : Number(text) - agoMs));
  if (at !== null && at !== undefined) await redis.hset(key, 'at', at);
  if (from !== null && from !== undefined) await redis.hset(key, 'from', from);
}

const aged = (pace: Pace, agoMs: number): Pace => ({
  ...pace,
  at: pace.at - agoMs,
  recoversFrom: pace.recoversFrom === null ? null : pace.recoversFrom - agoMs,
});

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('take' as const), want: fc.nat(30), ago: fc.nat(3_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('slow' as const),
      began: fc.nat(3_000),
      bar: fc.nat(4_000),
      ago: fc.nat(3_000),
    }),
  },
);

describe('a pace in Redis', () => {
  it.each([null, 3, 250])(
    'does the same sums as domain/delivery/pace.ts, configured for %p',
    async (configured) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          const key = fresh();
          let pace: Pace | null = null;
          for (const one of steps) {
            await age(key, one.ago);
            pace = pace && aged(pace, one.ago);
            if (one.kind === 'slow') {
              if (configured !== null) continue;
              const [now = 0] = await run(SLOW_DOWN, key, 70, one.began, one.bar);
              pace = slowedDown(pace, { began: now - one.began, retryAfterMs: one.bar, observed: 70 }, now);
            } else {
              const [now = 0, granted, waitMs, rate] = await run(
                TAKE_TOKENS,
                key,
                one.want,
                configured ?? '',
              );
              pace ??= configured === null ? null : configuredPace(configured, now);
              if (pace === null) {
                expect(granted).toBeUndefined();
                continue;
              }
              const taken = takeTokens(pace, one.want, now);
              pace = taken.pace;
              expect({ granted, waitMs }).toEqual({ granted: taken.granted, waitMs: taken.waitMs });
              expect(rate).toBeCloseTo(taken.pace.rate, 6);
            }
          }
        }),
        { numRuns: 25 },
      );
    },
  );

  it('is free until somebody is told to slow down, and then the same for everybody', async () => {
    const [one, other] = [createSharedPace(redis), createSharedPace(redis)];
    const name = `test-${randomUUID()}`;
    expect(await one.take(name, null, 5)).toEqual({ kind: 'free' });
    await one.slowDown(name, { began: 0, observed: 100, barMs: 5_000 });
    const told = await other.take(name, null, 5);
    expect(told).toMatchObject({ kind: 'paced', granted: 0, rate: 50 });
    if (told.kind === 'paced') {
      expect(told.waitMs).toBeGreaterThan(4_000);
      expect(told.recoveringForMs).toBe(-told.waitMs);
    }
  });

  it('is forgotten five minutes after the last complaint, and a configured one when nobody asks any more', async () => {
    const shared = createSharedPace(redis);
    const [slow, configured] = [`test-${randomUUID()}`, `test-${randomUUID()}`];
    await shared.slowDown(slow, { began: 0, observed: 100, barMs: 60_000 });
    await shared.take(configured, 10, 1);
    const lives = await Promise.all([slow, configured].map((name) => redis.pttl(`{pace:${name}}`)));
    expect(lives[0]).toBeGreaterThan(350_000);
    expect(lives[0]).toBeLessThanOrEqual(360_000);
    expect(lives[1]).toBeLessThanOrEqual(60_000);
  });

  it('takes another configured rate at once', async () => {
    const shared = createSharedPace(redis);
    const name = `test-${randomUUID()}`;
    expect(await shared.take(name, 4, 100)).toMatchObject({ granted: 1, rate: 4, recoveringForMs: null });
    expect(await shared.take(name, 400, 1_000)).toMatchObject({ granted: 100, rate: 400 });
  });
});
