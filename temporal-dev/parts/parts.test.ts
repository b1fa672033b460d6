import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stack } from '../../test/stack';
import type { Board } from '../board';
import type { Setting } from '../setting/setting';
import type { Service } from '../supervision/service';
import type { LocalSource } from '../ways/source';
import { found, missing } from '../ways/way';
import { raiseServers } from './raise-servers';
import { redisPart } from './redis';
import type { ServerPart } from './server-part';
import { serverParts, STOP_ORDER } from './server-parts';
import { missingAttributes } from './temporal-attributes';
import { temporalPart } from './temporal';

const data = mkdtempSync(path.join(os.tmpdir(), 'sundial-parts-'));
const setting: Setting = {
  root: '/clone',
  data,
  logs: data,
  cache: data,
  environment: {},
  durability: 'kept',
};
const ports = { take: async (preferred: number) => preferred };
const program: LocalSource = { kind: 'program', file: '/bin/server', from: 'PATH' };

afterAll(() => {
  rmSync(data, { recursive: true, force: true });
});

async function argsOf(part: ServerPart, source: LocalSource): Promise<string> {
  const { service } = await part.local(source, ports);
  return [service.command.file, ...service.command.args].join(' ');
}

function fakePart(name: string, ways: ServerPart['ways'], external: ServerPart['external']): ServerPart {
  return {
    name,
    ways,
    external,
    local: async () => ({
      addresses: { redis: 'redis://user:secret@local' },
      service: { command: { file: 'x', args: [] }, ready: async () => true },
    }),
  };
}

const theirs = (url: string) => [
  { name: 'X_URL', attempt: async () => found({ kind: 'external', url, variable: 'X_URL' } as const) },
];
describe('the servers of the stack', () => {
  it('keep their data in the data folder, and listen on loopback alone', async () => {
    expect(await argsOf(redisPart(setting), program)).toBe(
      `/bin/server --port 6379 --bind 127.0.0.1 --dir ${data}/redis --save  --appendonly yes`,
    );
    expect(await argsOf(temporalPart(setting), program)).toMatch(
      new RegExp(
        `^/bin/server server start-dev .*--ip 127.0.0.1 --port 7233 --ui-port 8233 --db-filename ${data}/`,
      ),
    );
  });

  it('keep nothing in a throw-away stack', async () => {
    const throwAway: Setting = { ...setting, durability: 'throw-away' };
    expect(await argsOf(redisPart(throwAway), program)).not.toContain('appendonly');
    expect(await argsOf(temporalPart(throwAway), program)).not.toContain('--db-filename');
  });

  it('register every search attribute of ours at start', async () => {
    const args = await argsOf(temporalPart(setting), program);
    for (const attribute of ['SundialTenant=Keyword', 'SundialSchedule=Keyword', 'SundialState=Keyword']) {
      expect(args).toContain(`--search-attribute ${attribute}`);
    }
    expect(args).toContain('--search-attribute SundialNextFire=Datetime');
    expect(await missingAttributes(stack().temporal)).toEqual([]);
  });

  it('publish a container on loopback alone, with its data in the data folder', async () => {
    const image: LocalSource = { kind: 'image', image: 'a-redis', from: 'docker' };
    expect(await argsOf(redisPart(setting), image)).toBe(
      `docker run --rm --init -p 127.0.0.1:6379:6379 -v ${data}/redis:/data a-redis redis-server --save  --appendonly yes`,
    );
    expect(await argsOf(temporalPart(setting), image)).toContain('-p 127.0.0.1:8233:8233');
  });

  it('accept a server of somebody else only when it answers as one', async () => {
    const [postgres, redis, temporal, inbox] = serverParts(setting, { postgresPassword: 'x' });
    const { postgres: url, redis: redisUrl, temporal: address, smtp } = stack();
    expect(await postgres?.external(url)).toEqual({ postgres: url });
    expect(await redis?.external(redisUrl)).toEqual({ redis: redisUrl });
    expect(await temporal?.external(address)).toEqual({ temporal: address, temporalUi: null });
    expect(await inbox?.external(smtp)).toEqual({ smtp, inbox: null });
    await expect(redis?.external(smtp.replace('smtp:', 'redis:'))).rejects.toThrow('no Redis');
    await expect(inbox?.external('smtp://127.0.0.1:1')).rejects.toThrow('ECONNREFUSED');
  });

  it('stop before the servers that they use', () => {
    expect(STOP_ORDER.indexOf('API')).toBeLessThan(STOP_ORDER.indexOf('Postgres'));
    expect(STOP_ORDER.indexOf('Worker')).toBeLessThan(STOP_ORDER.indexOf('Temporal'));
  });
});

describe('raising the servers', () => {
  const notes: string[] = [];
  const note = (name: string, text = ''): void => void notes.push(`${name} ${text}`);
  const board: Board = {
    expect: note,
    busy: note,
    done: note,
    failed: note,
    say: note,
    close: () => undefined,
  };
  const supervisor = {
    start: async (_part: string, prepare: () => Promise<Service>) => void (await prepare()),
    pids: () => ({}),
    stop: async () => undefined,
  };

  const ours = [{ name: 'PATH', attempt: async () => found(program) }];

  beforeEach(() => {
    notes.length = 0;
  });

  it('gathers the addresses of those that run and those that were given', async () => {
    const all = [
      fakePart('Redis', ours, async () => ({})),
      fakePart('Postgres', theirs('postgres://p'), async (url) => ({ postgres: url })),
      fakePart('Temporal', theirs('t:1'), async (url) => ({ temporal: url })),
      fakePart('Inbox', theirs('smtp://s'), async (url) => ({ smtp: url })),
    ];
    expect(await raiseServers(all, { board, ports, supervisor })).toEqual({
      redis: 'redis://user:secret@local',
      postgres: 'postgres://p',
      temporal: 't:1',
      temporalUi: null,
      smtp: 'smtp://s',
      inbox: null,
    });
    expect(notes.join('\n')).not.toContain('secret');
  });

  it('says all that is missing at once, each with its reasons', async () => {
    const none = [{ name: 'PATH', attempt: async () => missing<typeof program>('has none') }];
    const broken = fakePart('Postgres', theirs('postgres://u:pw@p/x'), () =>
      Promise.reject(new Error('refused')),
    );
    const all = [fakePart('Redis', none, async () => ({})), broken];
    await expect(raiseServers(all, { board, ports, supervisor })).rejects.toThrow(
      'Redis cannot be had on this machine. PATH: has none.\n' +
        'X_URL is set, but postgres://p/x is of no use: refused',
    );
  });
});
