import { randomUUID } from 'node:crypto';
import type { Instant } from '../domain/time/instant';
import { openRedisClient } from '../platform/redis';
import type { RedisClient, RedisMode } from '../platform/redis';
import { createPlaces } from '../store/caps/places';
import type { Places } from '../store/caps/places';
import type { Database } from '../store/database';
import { eventually } from './eventually';

/** A connection that is there. */
export async function connectedRedis(url: string, mode: RedisMode = 'single'): Promise<RedisClient> {
  const redis = openRedisClient(url, mode);
  await eventually('Redis is connected', () => redis.status === 'ready');
  return redis;
}

/** Places as one process of its own has them. */
export function placesOver(db: Database, redis: RedisClient, clock: () => Instant = Date.now): Places {
  return createPlaces({ db, redis, clock, newEpoch: () => randomUUID().slice(-12) });
}

/** For what sends nothing. */
export const noPlaces: Places = {
  take: () => Promise.resolve({ kind: 'away', error: new Error('There is no Redis here.') }),
  giveBack: () => Promise.resolve(),
  goUncounted: () => Promise.reject(new Error('There is no Redis here.')),
  outdated: () => undefined,
};
