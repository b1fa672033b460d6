import { Cluster, Redis } from 'ioredis';

/** One server, or a Redis Cluster: both take the same commands, as long as those of one call name keys of one slot. */
export type RedisClient = Redis | Cluster;

/** How a `RedisClient` is reached. A cluster is found through any one of its nodes. */
export type RedisMode = 'single' | 'cluster';

/** A server that fell silent, without closing its connection, counts as away then. */
const ANSWERS_WITHIN_MS = 2_000;
const LONGEST_RETRY_MS = 2_000;

const retryAfter = (attempt: number): number => Math.min(50 * 2 ** attempt, LONGEST_RETRY_MS);

/**
 * Opens a connection that comes back by itself. A command given while Redis is away fails at once rather than
 * queue: the caller decides what waiting means.
 */
export function openRedis(url: string): Redis {
  return new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retryAfter,
  });
}

/** As `openRedis`, for commands that pages wait for: none waits for an answer longer than two seconds. */
export function openRedisClient(url: string, mode: RedisMode): RedisClient {
  const options = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ANSWERS_WITHIN_MS,
    retryStrategy: retryAfter,
  };
  const client = mode === 'single' ? new Redis(url, options) : openCluster(url, options);
  // An absence is told to whoever gives a command; without a listener it would be written to the console as well.
  client.on('error', () => undefined);
  return client;
}

function openCluster(url: string, node: { commandTimeout: number }): Cluster {
  const { hostname, port, username, password, protocol } = new URL(url);
  return new Cluster([{ host: hostname, port: Number(port) || 6379 }], {
    enableOfflineQueue: false,
    clusterRetryStrategy: retryAfter,
    retryDelayOnFailover: 100,
    maxRedirections: 8,
    redisOptions: {
      commandTimeout: node.commandTimeout,
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  });
}

/** Every server that holds keys of its own. */
export function mastersOf(client: RedisClient): Redis[] {
  return client instanceof Cluster ? client.nodes('master') : [client];
}
