import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { cacheWay } from './cache';
import { dockerWay } from './docker';
import { downloadWay } from './download';
import { environmentWay } from './environment';
import { goInstallWay } from './go-install';
import { mavenWay } from './maven';
import { packageManagerWay } from './package-manager';
import { pathWay } from './path';
import { firstFound, found, missing, NoWay, type Way } from './way';

describe('ways of finding a server', () => {
  let folder: string;
  const realPath = process.env['PATH'];
  const told: string[] = [];
  const tell = (note: string): void => void told.push(note);

  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-ways-'));
    mkdirSync(path.join(folder, 'bin'));
    told.length = 0;
    // Only our scripts and a shell are to be found.
    process.env['PATH'] = `${path.join(folder, 'bin')}:/bin`;
  });

  afterEach(() => {
    process.env['PATH'] = realPath;
    rmSync(folder, { recursive: true, force: true });
  });

  function program(name: string, script: string, where = 'bin'): string {
    const file = path.join(folder, where, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  const log = (): string => path.join(folder, 'log');

  it('are tried in order, and the first success ends the search', async () => {
    const tried: string[] = [];
    const way = (name: string, attempt: Way<string>['attempt']): Way<string> => ({
      name,
      attempt: (say) => {
        tried.push(name);
        return attempt(say);
      },
    });
    const ways = [
      way('a', async () => missing('is not here')),
      way('b', () => Promise.reject(new Error('broke'))),
      way('c', async () => found('it')),
      way('d', async () => found('too late')),
    ];
    expect(await firstFound('Redis', ways, tell)).toBe('it');
    expect(tried).toEqual(['a', 'b', 'c']);
  });

  it('say in one line why each of them failed', async () => {
    const ways: Way<string>[] = [
      { name: 'PATH', attempt: async () => missing('has none') },
      { name: 'docker', attempt: () => Promise.reject(new Error('no daemon')) },
    ];
    await expect(firstFound('Redis', ways, tell)).rejects.toThrow(
      new NoWay('Redis cannot be had on this machine. PATH: has none; docker: no daemon.'),
    );
  });

  it('begin with a variable that names a server of somebody else', async () => {
    const way = environmentWay('REDIS_URL', { REDIS_URL: 'redis://there:1' });
    expect(await way.attempt(tell)).toMatchObject({ value: { kind: 'external', url: 'redis://there:1' } });
    expect(await environmentWay('REDIS_URL', { REDIS_URL: '' }).attempt(tell)).toEqual(missing('not set'));
  });

  it('look on the PATH for any of its names', async () => {
    const file = program('our-valkey', 'exit 0');
    const way = pathWay(['our-redis', 'our-valkey'], { PATH: path.join(folder, 'bin') });
    expect(await way.attempt(tell)).toMatchObject({ value: { kind: 'program', file } });
    expect(await pathWay(['no-such-server'], {}).attempt(tell)).toMatchObject({ kind: 'missing' });
  });

  it('take from the cache only what can be run', async () => {
    const file = program('temporal-v1', 'exit 0');
    expect(await cacheWay(file).attempt(tell)).toMatchObject({ value: { file } });
    chmodSync(file, 0o644);
    mkdirSync(path.join(folder, 'a-folder'));
    expect(await cacheWay(path.join(folder, 'a-folder')).attempt(tell)).toMatchObject({ kind: 'missing' });
    expect(await cacheWay(path.join(folder, 'none')).attempt(tell)).toMatchObject({ kind: 'missing' });
  });

  it('build with Go aside and move the finished binary into the cache', async () => {
    program('go', '[ "$1" = version ] && exit 0; cp /bin/true "$GOBIN/temporal"');
    const file = path.join(folder, 'temporal-v1');
    const way = goInstallWay({ target: 'x@v1', binary: 'temporal', note: 'building' }, file, log());
    expect(await way.attempt(tell)).toMatchObject({ value: { file } });
    expect(told).toEqual(['building']);
    expect(existsSync(file)).toBe(true);
  });

  it('leave nothing in the cache when a build fails, and give its last words', async () => {
    program('go', '[ "$1" = version ] && exit 0; echo "no network" >&2; exit 1');
    const file = path.join(folder, 'temporal-v1');
    const way = goInstallWay({ target: 'x@v1', binary: 'temporal', note: 'building' }, file, log());
    expect(await way.attempt(tell)).toEqual(missing(`x@v1 failed: no network (log: ${log()})`));
    expect(existsSync(file)).toBe(false);
  });

  it('count docker only when its daemon answers', async () => {
    program('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    expect(await dockerWay('redis:7.2').attempt(tell)).toEqual(
      missing('docker info does not answer (Cannot connect to the Docker daemon)'),
    );
    program('docker', 'exit 0');
    expect(await dockerWay('redis:7.2').attempt(tell)).toMatchObject({
      value: { kind: 'image', image: 'redis:7.2' },
    });
  });

  it('print the command to type where only root may install', async () => {
    program('apt-get', 'exit 0');
    const getuid = jest.spyOn(process, 'getuid').mockReturnValue(1000);
    const wanted = { apt: 'redis-server', brew: 'redis', programs: ['our-redis'] };
    const way = packageManagerWay(wanted, process.env, log());
    expect(await way.attempt(tell)).toEqual(missing('needs root, type: sudo apt-get install redis-server'));
    getuid.mockRestore();
  });

  it('fetch the package lists when a bare container has none', async () => {
    const listed = path.join(folder, 'listed');
    const installed = path.join(folder, 'bin', 'our-redis');
    program(
      'apt-get',
      `[ "$1" = update ] && exec touch ${listed}; [ -f ${listed} ] && cp /bin/true ${installed}`,
    );
    const getuid = jest.spyOn(process, 'getuid').mockReturnValue(0);
    const wanted = { apt: 'redis-server', brew: 'redis', programs: ['our-redis'] };
    const way = packageManagerWay(wanted, process.env, log());
    expect(await way.attempt(tell)).toMatchObject({ value: { file: installed, from: 'apt' } });
    getuid.mockRestore();
  });

  it('say so when a download site cannot be reached', async () => {
    const unreachable = jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed'));
    const way = downloadWay('dev-server', 'v1', path.join(folder, 'temporal-v1'), log());
    expect(await way.attempt(tell)).toMatchObject({ kind: 'missing' });
    unreachable.mockRestore();
  });

  it('collect the jars of a Java program behind one executable', async () => {
    program('java', 'exit 0');
    program('mvn', 'exit 0');
    const file = path.join(folder, 'server-1', 'server');
    const java = { group: 'g', artifact: 'a', version: '1', mainClass: 'g.Main' };
    expect(await mavenWay(java, file, log()).attempt(tell)).toMatchObject({ value: { file } });
    program('mvn', 'echo "no network"; exit 1');
    const other = path.join(folder, 'server-2', 'server');
    expect(await mavenWay(java, other, log()).attempt(tell)).toMatchObject({ kind: 'missing' });
  });
});
