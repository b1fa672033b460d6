import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { converse } from '../temporal-dev/parts/probes';
import { redisPart } from '../temporal-dev/parts/redis';
import { firstFound } from '../temporal-dev/ways/way';
import { eventually } from './eventually';
import { freePort } from './free-port';
import type { House } from '../temporal-dev/house/house';

/** A server of the test's own, which it may empty, kill and start again. */
export interface OwnRedis {
  readonly url: string;
  /** For looking at it, and doing to it what others would not. */
  readonly client: Redis;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it on the same port, with what `SAVE` had written down. */
  start(): Promise<void>;
}

export async function startRedis(house: House, more: readonly string[] = []): Promise<OwnRedis> {
  const source = await firstFound('Redis', redisPart(house.setting).ways, () => undefined);
  if (source.kind !== 'program') throw new Error(`The test needs a Redis program, not ${source.kind}.`);
  const port = await freePort();
  const folder = path.join(house.setting.data, `redis-${port}`);
  mkdirSync(folder);
  const address = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const service = {
    command: { file: source.file, args: [...address, '--save', '', ...more] },
    ready: async () => (await converse('127.0.0.1', port, 'PING\r\n')).startsWith('+PONG'),
  };
  let resident = await house.take('Redis', service);
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20 });
  client.on('error', () => undefined);
  return {
    url: `redis://127.0.0.1:${port}`,
    client,
    async kill() {
      resident.signal('SIGKILL');
      await resident.ended;
    },
    async start() {
      resident = await house.take('Redis', service);
    },
  };
}

const SLOTS = 16_384;

/** Three masters, each with a third of the slots. */
export async function startRedisCluster(house: House): Promise<readonly OwnRedis[]> {
  const nodes = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const bus = await freePort();
      const node = await startRedis(house, ['--cluster-enabled', 'yes', '--cluster-port', String(bus)]);
      return { ...node, bus, port: Number(new URL(node.url).port) };
    }),
  );
  const [first, ...others] = nodes;
  for (const { port, bus } of others) {
    await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(bus));
  }
  for (const [index, { client }] of nodes.entries()) {
    const from = Math.floor((SLOTS * index) / nodes.length);
    const to = Math.floor((SLOTS * (index + 1)) / nodes.length) - 1;
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  for (const { client } of nodes) {
    await eventually('the cluster serves', async () => {
      const info = String(await client.call('CLUSTER', 'INFO'));
      return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:3');
    });
  }
  return nodes;
}
