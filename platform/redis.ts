import { Redis } from 'ioredis';

/**
 * Opens a connection that comes back by itself. A command given while Redis is away fails at once rather than
 * queue: the caller decides what waiting means.
 */
export function openRedis(url: string): Redis {
  return new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, 2_000),
  });
}
