import type { SharedPace } from '../../domain/delivery/pace';
import type { RedisClient } from '../../platform/redis';
import { createRedisScript } from '../redis-script';
import { SLOW_DOWN, TAKE_TOKENS } from './scripts';

/** The paces in Redis, each a key of its own, so that those of a cluster spread over its nodes. */
export function createSharedPace(redis: RedisClient): SharedPace {
  const take = createRedisScript(redis, TAKE_TOKENS);
  const slowDown = createRedisScript(redis, SLOW_DOWN);

  return {
    async take(name, configured, want) {
      const answer = await take([keyOf(name)], [want, configured ?? '']);
      if (!Array.isArray(answer) || answer.length < 5) return { kind: 'free' };
      const [now, granted, waitMs, rate, from] = answer.map((part) => (part === '' ? null : Number(part)));
      return {
        kind: 'paced',
        granted: granted ?? 0,
        waitMs: waitMs ?? 0,
        rate: rate ?? 0,
        recoveringForMs: from === null || from === undefined ? null : (now ?? 0) - from,
      };
    },
    async slowDown(name, { began, observed, barMs }) {
      await slowDown([keyOf(name)], [observed, began, barMs]);
    },
  };
}

function keyOf(name: string): string {
  return `{pace:${name}}`;
}
