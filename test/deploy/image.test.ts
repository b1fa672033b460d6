import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { emptyDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { freePort } from './free-port';
import { ROOT, readComposeFile } from './compose-file';
import { buildImage } from './image';
import type { Image, Running } from './image';
import { stack } from '../stack';

/** Half a gigabyte of packages is installed, and deleted again: two minutes, and many more on a busy machine. */
const BUILDS_WITHIN_MS = 20 * 60_000;

const secrets = {
  POSTGRES_PASSWORD: 'a-password',
  SUNDIAL_ADMIN_KEY: 'an-admin-key-of-24-letters',
  SUNDIAL_ENCRYPTION_KEYS: `key-1:${randomBytes(32).toString('base64')}`,
};
const { services } = readComposeFile(secrets);

const place = mkdtempSync(path.join(os.tmpdir(), 'sundial-image-'));
let image: Image;
let database: FreshDatabase;

beforeAll(async () => {
  database = await emptyDatabase();
  image = await buildImage(ROOT, place);
}, BUILDS_WITHIN_MS);

afterAll(async () => {
  await database.drop();
  await rm(place, { recursive: true, force: true });
}, BUILDS_WITHIN_MS);

/** Starts a service of docker-compose.yml from the image, with the servers of this test run in place of its own. */
function run(name: string, ports: Record<string, string> = {}): Running {
  const { command, environment } = services[name] ?? { command: undefined, environment: {} };
  const { redis, temporal, smtp } = stack();
  const ofThisRun: Record<string, string> = {
    DATABASE_URL: database.url,
    REDIS_URL: redis,
    TEMPORAL_ADDRESS: temporal,
    SMTP_URL: smtp,
    ...ports,
  };
  const read = Object.entries(environment).map(([key, value]) => [key, ofThisRun[key] ?? value]);
  return image.start(command ?? commandOf('cmd'), Object.fromEntries(read));
}

function commandOf(kind: 'cmd' | 'healthcheck'): string[] {
  const found = image.stage.instructions.find((step) => step.kind === kind);
  return found?.kind === kind ? found.command : [];
}

/** Waits for an answer, ends the process as docker does, and returns its exit code. */
async function endOf(running: Running, answered: () => Promise<boolean>): Promise<number | null> {
  try {
    await eventually(`an answer; it said\n${running.said()}`, answered, { withinMs: 60_000, everyMs: 200 });
  } finally {
    running.process.kill('SIGTERM');
  }
  return running.ended;
}

const answers = async (url: string): Promise<boolean> => (await fetch(url).catch(() => null))?.ok === true;

describe('the image', () => {
  it('runs as somebody who is not root, and listens where compose expects it', () => {
    const { instructions } = image.stage;
    expect(instructions).toContainEqual({ kind: 'user', name: 'node' });
    expect(instructions).toContainEqual({ kind: 'expose', ports: [3000, 9464] });
  });

  it('is built on a release of Node 20 for Debian, the same in every stage', () => {
    expect(image.stage.image).toMatch(/^node:20\.\d+\.\d+-bookworm-slim$/);
    expect(readFileSync(path.join(ROOT, 'deploy', 'Dockerfile'), 'utf8')).toContain(
      `${image.stage.image} AS build`,
    );
  });

  it('holds no sources, no tests, no keys, and no package that only development needs', () => {
    expect(readdirSync(image.app).toSorted()).toEqual([
      'dist',
      'domain',
      'node_modules',
      'package.json',
      'prisma',
    ]);
    const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const forDevelopment = Object.keys(lock.packages).filter((folder) => lock.packages[folder]?.dev === true);
    expect(forDevelopment.length).toBeGreaterThan(100);
    expect(forDevelopment.filter((folder) => existsSync(path.join(image.app, folder)))).toEqual([]);
  });

  it('migrates an empty database, and a second time finds nothing to do', async () => {
    for (const said of ['Applied: ', 'The database is up to date.']) {
      const migration = run('migrate');
      expect({ code: await migration.ended, said: migration.said() }).toEqual({
        code: 0,
        said: expect.stringContaining(said),
      });
    }
  });

  it('prepares a Temporal server', async () => {
    const preparation = run('temporal-namespace');
    expect({ code: await preparation.ended, said: preparation.said() }).toEqual({
      code: 0,
      said: 'Namespace "default": there already. Search attributes added: 0.\n',
    });
  });

  it('serves the API, is healthy then, and ends when it is told to', async () => {
    const port = String(await freePort());
    const check = (): Promise<number | null> => image.start(commandOf('healthcheck'), { PORT: port }).ended;
    expect(await check()).toBe(1);
    const api = run('api', { PORT: port });
    const code = await endOf(
      api,
      async () => (await answers(`http://127.0.0.1:${port}/readyz`)) && (await check()) === 0,
    );
    expect({ code, said: api.said() }).toEqual({ code: 0, said: expect.any(String) });
  });

  it('serves the codec', async () => {
    const port = String(await freePort());
    const codec = run('codec', { SUNDIAL_CODEC_PORT: port, SUNDIAL_CODEC_HOST: '127.0.0.1' });
    expect(await endOf(codec, () => answers(`http://127.0.0.1:${port}/codec/healthz`))).toBe(0);
  });

  it('starts a worker, which waits for Temporal, and ends when it is told to', async () => {
    expect(existsSync(path.join(image.app, 'dist', 'workflow-bundle.js'))).toBe(true);
    const worker = run('worker', { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const waits = async (): Promise<boolean> => worker.said().includes('Temporal does not answer yet');
    expect(await endOf(worker, waits)).toBe(0);
  });
});
