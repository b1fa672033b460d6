import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Setting } from '../setting/setting';
import type { Command } from '../supervision/service';
import { dockerWay } from '../ways/docker';
import { environmentWay } from '../ways/environment';
import { packageManagerWay } from '../ways/package-manager';
import { pathWay } from '../ways/path';
import type { LocalSource } from '../ways/source';
import { converse } from './probes';
import { containerArgs, type ServerPart } from './server-part';

const PREFERRED_PORT = 6379;
const PROGRAMS = ['redis-server', 'valkey-server'];

export function redisPart(setting: Setting): ServerPart {
  const log = path.join(setting.logs, 'setup-redis.log');
  return {
    name: 'Redis',
    ways: [
      environmentWay('REDIS_URL', setting.environment),
      pathWay(PROGRAMS, setting.environment),
      packageManagerWay({ apt: 'redis-server', brew: 'redis', programs: PROGRAMS }, setting.environment, log),
      dockerWay('redis:7.2'),
    ],
    async external(url) {
      const { hostname, port } = new URL(url);
      // An external one may want a password first: any answer in its protocol will do.
      const answer = await converse(hostname, Number(port) || PREFERRED_PORT, 'PING\r\n');
      if (!/^[+-]/.test(answer)) throw new Error('what answers there is no Redis');
      return { redis: url };
    },
    async local(source, ports) {
      const port = await ports.take(PREFERRED_PORT);
      return {
        addresses: { redis: `redis://127.0.0.1:${port}` },
        service: {
          command: redisCommand(source, port, setting),
          ready: async () => (await converse('127.0.0.1', port, 'PING\r\n')).startsWith('+PONG'),
        },
      };
    },
  };
}

function redisCommand(source: LocalSource, port: number, setting: Setting): Command {
  const folder = path.join(setting.data, 'redis');
  mkdirSync(folder, { recursive: true });
  const saving = ['--save', '', ...(setting.durability === 'kept' ? ['--appendonly', 'yes'] : [])];
  if (source.kind === 'program') {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...saving];
    return { file: source.file, args };
  }
  const args = containerArgs(source.image, {
    ports: [{ host: port, container: PREFERRED_PORT }],
    folder: { host: folder, container: '/data' },
    rest: ['redis-server', ...saving],
  });
  return { file: 'docker', args };
}
