import { createHash } from 'node:crypto';
import type { RedisClient } from '../platform/redis';

type Argument = string | number;

/** Runs a script in Redis, by its digest as long as the server remembers it. */
export type RedisScript = (keys: readonly string[], args: readonly Argument[]) => Promise<unknown>;

/** Redis did not do what it was asked: it is away, or it refused. What it was asked may have happened. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}

export function createRedisScript(redis: RedisClient, lua: string): RedisScript {
  const digest = createHash('sha1').update(lua).digest('hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      // A server that was started again has forgotten its scripts, and a node of a cluster may never have had them.
      if (!isUnknownScript(error)) throw unavailable(error);
    }
    try {
      return await redis.eval(lua, keys.length, ...keys, ...args);
    } catch (error) {
      throw unavailable(error);
    }
  };
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function unavailable(error: unknown): RedisUnavailableError {
  return new RedisUnavailableError(error instanceof Error ? error.message : 'Redis did not answer', {
    cause: error,
  });
}
