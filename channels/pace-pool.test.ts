import { configuredPace, isForgotten, slowedDown, takeTokens } from '../domain/delivery/pace';
import type { Pace, SharedPace } from '../domain/delivery/pace';
import type { Priority } from '../domain/delivery/priority';
import { SECOND } from '../domain/time/instant';
import { createPacePool } from './pace-pool';
import type { PacePool } from './pace-pool';

/** Workers over one Redis, whose clocks a test moves: everything that was asked is answered within the millisecond. */
function world(configured: number | null) {
  const time = { now: 1_000_000 };
  const redis = { asked: 0, state: 'up' as 'up' | 'away' | 'silent', pace: null as Pace | null };
  const troubles: unknown[] = [];

  async function reach(): Promise<void> {
    if (redis.state === 'silent') await new Promise(() => undefined);
    if (redis.state === 'away') throw new Error('away');
  }
  const shared: SharedPace = {
    async take(_, rate, want) {
      redis.asked += 1;
      await reach();
      if (redis.pace === null && rate !== null) redis.pace = configuredPace(rate, time.now);
      if (redis.pace !== null && isForgotten(redis.pace, time.now)) redis.pace = null;
      if (redis.pace === null) return { kind: 'free' };
      const { pace, granted, waitMs } = takeTokens(redis.pace, want, time.now);
      redis.pace = pace;
      const recoveringForMs = pace.recoversFrom === null ? null : time.now - pace.recoversFrom;
      return { kind: 'paced', granted, waitMs, rate: pace.rate, recoveringForMs };
    },
    async slowDown(_, { began, observed, barMs }) {
      await reach();
      redis.pace = slowedDown(
        redis.pace,
        { began: time.now - began, observed, retryAfterMs: barMs },
        time.now,
      );
    },
  };

  const worker = (): PacePool =>
    createPacePool('tenant:provider', configured, {
      shared,
      clock: () => time.now,
      alone: (error) => troubles.push(error),
    });

  /** Lets every one come when it was told to until it is admitted, for `ms`; how many were. */
  async function run(waiting: Waiting[], ms: number): Promise<number> {
    let admitted = 0;
    for (const end = time.now + ms; time.now < end; time.now += 1) {
      for (const one of waiting) {
        if (one.admittedAt !== null || one.at > time.now) continue;
        one.tries += 1;
        const admission = one.pool.admit(one.priority);
        if (admission.kind === 'admitted') {
          one.admittedAt = time.now;
          admitted += 1;
        } else one.at = time.now + Math.ceil(admission.forMs);
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return admitted;
  }

  return { time, redis, troubles, worker, run };
}

interface Waiting {
  readonly pool: PacePool;
  readonly priority: Priority;
  at: number;
  tries: number;
  admittedAt: number | null;
}

const waitingFor = (pool: PacePool, count: number, priority: Priority = 3): Waiting[] =>
  Array.from({ length: count }, () => ({ pool, priority, at: 0, tries: 0, admittedAt: null }));

describe('a pool without a configured rate', () => {
  it('admits everything, and looks once a second whether it still may', async () => {
    const { worker, redis, time } = world(null);
    const pool = worker();
    let admitted = 0;
    for (let n = 0; n < 30_000; n += 1) {
      if (n % 10 === 0) time.now += 1;
      if (pool.admit(3).kind === 'admitted') admitted += 1;
      if (n % 100 === 0) await Promise.resolve();
    }
    expect(admitted).toBe(30_000);
    expect(redis.asked).toBeLessThanOrEqual(4);
  });

  it('stops at once in the process that was told to slow down, and within a second in the others', async () => {
    const { worker, run, time, redis } = world(null);
    const [one, other] = [worker(), worker()];
    expect(await run([...waitingFor(one, 100), ...waitingFor(other, 100)], 100)).toBe(200);
    one.slowDown(time.now, 10 * SECOND);
    expect(one.admit(3)).toMatchObject({ kind: 'barred', forMs: 10 * SECOND });
    const late = waitingFor(other, 1);
    await run(late, SECOND);
    await run(waitingFor(other, 1), 5);
    expect(other.admit(3)).toMatchObject({ kind: 'barred' });
    expect(redis.pace?.rate).toBe(50);
  });

  it('goes on at half of what went out before, both workers together', async () => {
    const { worker, run, time } = world(null);
    const [one, other] = [worker(), worker()];
    await run(waitingFor(one, 200), SECOND);
    one.slowDown(time.now, SECOND);
    await run([...waitingFor(one, 1), ...waitingFor(other, 1)], SECOND);
    const crowd = [...waitingFor(one, 500), ...waitingFor(other, 500)];
    await run(crowd, SECOND);
    const inTwoSeconds = await run(crowd, 2 * SECOND);
    expect(inTwoSeconds).toBeGreaterThan(160);
    expect(inTwoSeconds).toBeLessThan(260);
  });

  it('does not take what it had asked before for leave to go on', async () => {
    const { worker, time } = world(null);
    const pool = worker();
    pool.admit(3);
    pool.slowDown(time.now, 5 * SECOND);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(pool.admit(3)).toMatchObject({ kind: 'barred' });
  });

  it('is free again once the provider has been forgiven', async () => {
    const { worker, run, time } = world(null);
    const pool = worker();
    await run(waitingFor(pool, 20), 10);
    pool.slowDown(time.now, 1_000);
    await run(waitingFor(pool, 1), 10);
    time.now += 302 * SECOND;
    await run(waitingFor(pool, 2), 30);
    expect(await run(waitingFor(pool, 5_000), 2)).toBe(5_000);
  });
});

describe('a pool with a configured rate', () => {
  it('lets no more through than that, and hardly less, by far fewer questions than messages', async () => {
    const { worker, run, redis } = world(200);
    const messages = waitingFor(worker(), 2_000);
    const admitted = await run(messages, 5 * SECOND);
    expect(admitted).toBeLessThanOrEqual(200 * 5 + 50);
    expect(admitted).toBeGreaterThan(200 * 5 * 0.9);
    expect(redis.asked).toBeLessThan(admitted / 4);
  });

  it('shares it between workers', async () => {
    const { worker, run } = world(100);
    const [one, other] = [waitingFor(worker(), 1_000), waitingFor(worker(), 1_000)];
    const admitted = await run([...one, ...other], 5 * SECOND);
    expect(admitted).toBeLessThanOrEqual(100 * 5 + 25);
    expect(admitted).toBeGreaterThan(100 * 5 * 0.9);
    for (const own of [one, other]) {
      expect(own.filter(({ admittedAt }) => admittedAt !== null).length).toBeGreaterThan(100);
    }
  });

  it('keeps up with a slow one too, and brings nobody back more than now and then', async () => {
    const { worker, run } = world(5);
    const messages = waitingFor(worker(), 100);
    const admitted = await run(messages, 20 * SECOND);
    expect(admitted).toBeGreaterThanOrEqual(95);
    expect(admitted).toBeLessThanOrEqual(102);
    expect(messages.reduce((sum, { tries }) => sum + tries, 0)).toBeLessThan(20 * 60);
  });

  it('lets who is urgent go before everybody who waits', async () => {
    const { worker, run, time } = world(20);
    const pool = worker();
    const crowd = waitingFor(pool, 400);
    await run(crowd, SECOND);
    const urgent = waitingFor(pool, 1, 1);
    const asked = time.now;
    await run([...crowd, ...urgent], SECOND);
    expect((urgent[0]?.admittedAt ?? Number.POSITIVE_INFINITY) - asked).toBeLessThan(500);
  });
});

describe('a pool whose Redis is away', () => {
  it('keeps the pace by itself, says so, and leaves Redis alone for some seconds', async () => {
    const { worker, run, redis, troubles } = world(50);
    redis.state = 'away';
    const admitted = await run(waitingFor(worker(), 1_000), 4 * SECOND);
    expect(admitted).toBeGreaterThan(50 * 4 * 0.9);
    expect(admitted).toBeLessThanOrEqual(50 * 4 + 13);
    expect([redis.asked, troubles.length]).toEqual([1, 1]);
  });

  it('waits for no answer that does not come', async () => {
    const { worker, run, redis } = world(50);
    redis.state = 'silent';
    expect(await run(waitingFor(worker(), 1_000), 4 * SECOND)).toBeGreaterThan(50 * 3);
  });

  it('still slows down when it is told to, and asks Redis again in time', async () => {
    const { worker, run, redis, time } = world(null);
    redis.state = 'away';
    const pool = worker();
    await run(waitingFor(pool, 100), SECOND);
    pool.slowDown(time.now, 2 * SECOND);
    expect(await run(waitingFor(pool, 500), 2 * SECOND)).toBe(0);
    const admitted = await run(waitingFor(pool, 500), SECOND);
    expect(admitted).toBeGreaterThan(30);
    expect(admitted).toBeLessThan(70);
    redis.state = 'up';
    time.now += 5 * SECOND;
    const before = redis.asked;
    await run(waitingFor(pool, 50), SECOND);
    expect(redis.asked).toBeGreaterThan(before);
  });
});
