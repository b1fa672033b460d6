import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { configuredPace, slowedDown, takeTokens } from '../../domain/delivery/pace';
import type { Pace, TokensTaken } from '../../domain/delivery/pace';
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

type Step =
  | { readonly kind: 'take'; readonly ago: number; readonly want: number }
  | { readonly kind: 'slow'; readonly ago: number; readonly began: number; readonly bar: number };

const takes: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('take' as const),
  ago: fc.nat(3_000),
  want: fc.nat(30),
});
const slows: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant('slow' as const),
  ago: fc.nat(3_000),
  began: fc.nat(3_000),
  bar: fc.nat(4_000),
});

const OBSERVED = 70;

/** What both make of the same history: what was granted, how long to wait, and at which rate. */
async function retold(steps: readonly Step[], configured: number | null) {
  const key = fresh();
  const told: { redis: number[]; domain: number[] }[] = [];
  let pace: Pace | null = null;
  for (const step of steps) {
    await age(key, step.ago);
    pace = pace && aged(pace, step.ago);
    if (step.kind === 'slow') {
      const [now = 0] = await run(SLOW_DOWN, key, OBSERVED, step.began, step.bar);
      const complaint = { began: now - step.began, retryAfterMs: step.bar, observed: OBSERVED };
      pace = slowedDown(pace, complaint, now);
      continue;
    }
    const [now = 0, ...redisAnswer] = await run(TAKE_TOKENS, key, step.want, configured ?? '');
    pace ??= configured === null ? null : configuredPace(configured, now);
    const taken: TokensTaken | null = pace && takeTokens(pace, step.want, now);
    pace = taken && taken.pace;
    told.push({
      redis: redisAnswer.slice(0, 3).map(rounded),
      domain: taken ? [taken.granted, taken.waitMs, taken.pace.rate].map(rounded) : [],
    });
  }
  return told;
}

const rounded = (value: number): number => Number(value.toPrecision(9));

describe('a pace in Redis', () => {
  it.each([
    [null, fc.oneof({ weight: 4, arbitrary: takes }, { weight: 1, arbitrary: slows })],
    [3, takes],
    [250, takes],
  ])('does the same sums as domain/delivery/pace.ts, configured for %p', async (configured, step) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const told = await retold(steps, configured);
        expect(told.map(({ redis: answer }) => answer)).toEqual(told.map(({ domain }) => domain));
      }),
      { numRuns: 25 },
    );
  });

  it('is free until somebody is told to slow down, and then the same for everybody', async () => {
    const [one, other] = [createSharedPace(redis), createSharedPace(redis)];
    const name = `test-${randomUUID()}`;
    expect(await one.take(name, null, 5)).toEqual({ kind: 'free' });
    await one.slowDown(name, { began: 0, observed: 100, barMs: 5_000 });
    const told = await other.take(name, null, 5);
    const waitMs = told.kind === 'paced' ? told.waitMs : 0;
    expect(told).toEqual({ kind: 'paced', granted: 0, rate: 50, waitMs, recoveringForMs: -waitMs });
    expect(waitMs).toBeGreaterThan(4_000);
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
