import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { box } from '../box';
import { describeStack, stackFile } from '../stack-file';
import { identify } from '../supervision/process-identity';
import { readHolder, takeLock } from '../supervision/starter-lock';
import { cacheDirectory } from './cache-directory';
import { readKeys } from './keys';
import { createPorts, isFree } from './ports';
import { dataDirectory, findRoot, openSetting } from './setting';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'sundial-setting-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('keys', () => {
  it('are made once, kept, and readable by their owner alone', () => {
    const made = readKeys(folder, {});
    expect(readKeys(folder, {})).toEqual(made);
    const [id, key = ''] = made.encryption.split(':');
    expect(id).toMatch(/^[a-z0-9-]+$/);
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    for (const file of ['admin-key', 'encryption-keys', 'postgres-password']) {
      expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);
    }
  });

  it('come from outside when they are set there, and are then not written down', () => {
    const given = readKeys(folder, { SUNDIAL_ADMIN_KEY: 'mine', SUNDIAL_ENCRYPTION_KEYS: 'k:x' });
    expect(given).toMatchObject({ admin: 'mine', encryption: 'k:x' });
    expect(existsSync(path.join(folder, 'admin-key'))).toBe(false);
  });
});

describe('ports', () => {
  let squatter: Server;

  beforeEach(async () => {
    squatter = createServer();
    await new Promise<void>((resolve) => {
      squatter.listen(0, '127.0.0.1', resolve);
    });
  });

  afterEach(() => {
    squatter.close();
  });

  it('are replaced when they are taken', async () => {
    const address = squatter.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await isFree(taken)).toBe(false);
    const given = await createPorts().take(taken);
    expect(given).not.toBe(taken);
    expect(await isFree(given)).toBe(true);
  });

  it('are handed out once each', async () => {
    const ports = createPorts();
    const preferred = await ports.take(0);
    expect(await ports.take(preferred)).not.toBe(preferred);
  });
});

describe('places', () => {
  it('are the same from sources and from what was built', () => {
    const root = findRoot(__dirname);
    expect(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))).toMatchObject({
      name: 'sundial',
    });
    expect(() => findRoot('/')).toThrow('No package.json');
  });

  it('move with SUNDIAL_DATA_DIR, read from the clone when it is relative', () => {
    expect(dataDirectory('/clone', {})).toBe('/clone/.sundial');
    expect(dataDirectory('/clone', { SUNDIAL_DATA_DIR: 'elsewhere' })).toBe('/clone/elsewhere');
    const setting = openSetting({ SUNDIAL_DATA_DIR: folder, SUNDIAL_CACHE_DIR: folder });
    expect(setting).toMatchObject({ data: folder, logs: path.join(folder, 'logs'), durability: 'kept' });
  });

  it('cache outside the data folder, where this user may write', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: folder })).toBe(path.join(folder, 'sundial'));
    expect(cacheDirectory({ SUNDIAL_CACHE_DIR: folder })).toBe(folder);
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    expect(() => cacheDirectory({ SUNDIAL_CACHE_DIR: path.join(file, 'x') })).toThrow(
      'No cache folder can be written to',
    );
    expect(cacheDirectory({ XDG_CACHE_HOME: file })).toContain('sundial-cache-');
  });
});

describe('the stack file', () => {
  const addresses = {
    postgres: 'postgresql://u:pw@h/d',
    redis: 'redis://h',
    temporal: 'h:1',
    temporalUi: null,
    smtp: 'smtp://h',
    inbox: null,
  };
  const stack = describeStack('http://localhost:1', addresses, { Redis: 7, Worker: 8, API: 9 });

  it('lists workers, however many there are', () => {
    expect(stack.pids).toEqual({ redis: 7, api: 9, worker: [8], starter: process.pid });
    expect(describeStack('http://localhost:1', addresses, {}).pids).toMatchObject({ worker: [] });
    const two = describeStack('http://localhost:1', addresses, { 'Worker-2': 5, API: 6, Worker: 8 });
    expect(two.pids).toEqual({ api: 6, worker: [8, 5], starter: process.pid });
  });

  it('is replaced whole and read back', () => {
    const file = stackFile(folder);
    expect(file.read()).toBeNull();
    file.write(stack);
    chmodSync(path.join(folder, 'stack.json'), 0o600);
    expect(file.read()).toEqual(stack);
    file.remove();
    expect(file.read()).toBeNull();
  });

  it('becomes a box that also serves where servers of somebody else are used', () => {
    const shown = box(stack, 'the-key');
    expect(shown).toContain('the one of your server at h:1');
    expect(shown).toContain('mail goes to your SMTP server');
    expect(shown).toMatch(/^curl .*Bearer the-key/m);
  });
});

describe('the lock of the starter', () => {
  it('is held by one living process, and taken from a dead one', () => {
    const file = path.join(folder, 'starter.json');
    expect(takeLock(file)).toBeNull();
    expect(readHolder(file)).toEqual(identify(process.pid));
    rmSync(file);
    const parent = identify(process.ppid);
    writeFileSync(file, JSON.stringify(parent));
    expect(takeLock(file)).toEqual(parent);
    writeFileSync(file, JSON.stringify({ pid: process.ppid, startedAt: 'another life' }));
    expect(takeLock(file)).toBeNull();
    writeFileSync(file, 'torn');
    expect(readHolder(file)).toBeNull();
  });
});
