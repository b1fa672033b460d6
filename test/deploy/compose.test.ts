import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { configSchema, loadConfig } from '../../platform/config';
import { codecSchema, loadCodecSettings } from '../../temporal-dev/codec/settings';
import { commandsOf, pages } from '../docs/pages';
import { openTerminal } from '../docs/terminal';
import { COMPOSE_FILE, ROOT, readComposeFile } from './compose-file';
import type { Service } from './compose-file';

const secrets = {
  POSTGRES_PASSWORD: 'a-password',
  SUNDIAL_ADMIN_KEY: 'an-admin-key-of-24-letters',
  SUNDIAL_ENCRYPTION_KEYS: `key-1:${Buffer.alloc(32, 1).toString('base64')}`,
};
const { services, volumes } = readComposeFile(secrets);
const all = Object.entries(services);
const ours = all.filter(([, { build }]) => build !== undefined);

function named(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

describe('docker-compose.yml', () => {
  it('is accepted by docker compose itself, where there is one', () => {
    const version = spawnSync('docker', ['compose', 'version'], { encoding: 'utf8' });
    const judged =
      version.status === 0
        ? spawnSync('docker', ['compose', '-f', COMPOSE_FILE, 'config', '--quiet'], {
            env: { ...process.env, ...secrets },
            encoding: 'utf8',
          })
        : { status: 0, stderr: '' };
    expect({ status: judged.status, said: judged.stderr }).toEqual({ status: 0, said: '' });
  });

  it('has every part of the stack', () => {
    expect(Object.keys(services).toSorted()).toEqual([
      'api',
      'codec',
      'mail',
      'migrate',
      'postgres',
      'redis',
      'temporal',
      'temporal-namespace',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
  });

  it.each(all)('pins the image of %s to a release', (_, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  it('runs one version of Temporal, and the version of Sundial that it builds', () => {
    expect(named('temporal').image.split(':')[1]).toBe(named('temporal-schema').image.split(':')[1]);
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(new Set(ours.map(([, { image }]) => image))).toEqual(new Set([`sundial:${version}`]));
  });

  it.each(all)(
    'lets %s wait only for what there is, and for health only where it is checked',
    (_, service) => {
      for (const [other, { condition }] of Object.entries(service.depends_on)) {
        const { restart, healthcheck } = named(other);
        expect({ other, restart }).toEqual({
          other,
          restart: condition === 'service_completed_successfully' ? 'no' : 'unless-stopped',
        });
        expect(condition !== 'service_healthy' || healthcheck !== undefined).toBe(true);
      }
    },
  );

  it('has somebody who stays wait for each one-shot, so that `up --wait` takes its end for success', () => {
    const oneShots = all.filter(([, { restart }]) => restart === 'no').map(([name]) => name);
    const staying = all.filter(([, { restart }]) => restart === 'unless-stopped');
    const awaited = staying.flatMap(([, service]) => Object.keys(service.depends_on));
    expect(oneShots.filter((name) => !awaited.includes(name))).toEqual([]);
  });

  it('keeps the data of each store in a volume of its name, and mounts files that exist', () => {
    const mounts = all.flatMap(([, service]) => service.volumes);
    const kept = mounts.filter(({ type }) => type === 'volume').map(({ source }) => source);
    expect(kept.toSorted()).toEqual(Object.keys(volumes).toSorted());
    const mounted = mounts.filter(({ type }) => type === 'bind').map(({ source }) => path.join(ROOT, source));
    expect(mounted.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('publishes only on this machine, and never a store', () => {
    const published = all.flatMap(([name, { ports }]) => ports.map(({ host_ip: ip }) => ({ name, ip })));
    expect(published).toEqual([
      { name: 'mail', ip: '127.0.0.1' },
      { name: 'codec', ip: '127.0.0.1' },
      { name: 'api', ip: '127.0.0.1' },
    ]);
  });

  it.each(ours)('gives %s no right that it does not need', (_, service) => {
    expect(service).toMatchObject({ init: true, read_only: true, cap_drop: ['ALL'] });
  });
});

describe('its environment', () => {
  it.each(['api', 'worker'])('is for %s exactly what the configuration reads', (name) => {
    const { environment } = named(name);
    expect(Object.keys(environment).toSorted()).toEqual(Object.keys(configSchema.shape).toSorted());
    expect(loadConfig(environment)).toMatchObject({
      databaseUrl: 'postgresql://sundial:a-password@postgres:5432/sundial',
      temporalAddress: 'temporal:7233',
      adminKey: secrets.SUNDIAL_ADMIN_KEY,
    });
  });

  it('is usable with the secrets that docs/production.md makes', async () => {
    const page = pages().find(({ name }) => name === 'docs/production.md');
    const [first] = page === undefined ? [] : commandsOf(page);
    const terminal = openTerminal({});
    await terminal.run(first?.text ?? 'false');
    const file = path.join(terminal.folder, '.env');
    const made = readFileSync(file, 'utf8').matchAll(/^(\w+)=(.+)$/gm);
    const mode = statSync(file).mode & 0o777;
    terminal.close();
    const { environment } = readComposeFile(
      Object.fromEntries([...made].map(([, name = '', value = '']) => [name, value])),
    ).services['api'] ?? { environment: {} };
    expect({ mode, config: loadConfig(environment) }).toMatchObject({
      mode: 0o600,
      config: { adminKey: expect.stringMatching(/^sundial_/), encryptionKeys: [{ id: 'key-1' }] },
    });
  });

  it('lets .env set what is left to it', () => {
    const open = { SMTP_URL: 'smtps://u:p@mail.example.com:465', SUNDIAL_DEFAULT_TIME_ZONE: 'Europe/Berlin' };
    const { environment } =
      readComposeFile({ ...secrets, ...open, PORT: '8080' }).services['api'] ?? named('api');
    expect(loadConfig(environment)).toMatchObject({
      smtpUrl: open.SMTP_URL,
      defaultTimeZone: 'Europe/Berlin',
      port: 3000,
    });
  });

  it('is for the codec server exactly what it reads', () => {
    const { environment, ports } = named('codec');
    expect(Object.keys(environment).toSorted()).toEqual(Object.keys(codecSchema.shape).toSorted());
    expect(loadCodecSettings(environment)).toMatchObject({ host: '0.0.0.0', port: ports[0]?.target });
  });

  it('names to each one-shot only the server that it is for', () => {
    expect(named('migrate').environment).toEqual({ DATABASE_URL: named('api').environment['DATABASE_URL'] });
    expect(named('temporal-namespace').environment).toEqual({
      TEMPORAL_ADDRESS: named('api').environment['TEMPORAL_ADDRESS'],
    });
  });

  it.each(Object.keys(secrets))('is refused without %s, and says where to look', (name) => {
    expect(() => readComposeFile({ ...secrets, [name]: '' })).toThrow(
      `required variable ${name} is missing a value: is missing from .env, see docs/production.md`,
    );
  });

  it('names servers by the services and ports that they have', () => {
    const {
      DATABASE_URL = '',
      REDIS_URL = '',
      TEMPORAL_ADDRESS = '',
      SMTP_URL = '',
    } = named('api').environment;
    const hosts = [DATABASE_URL, REDIS_URL, SMTP_URL, `tcp://${TEMPORAL_ADDRESS}`].map(
      (url) => new URL(url).hostname,
    );
    expect(hosts.filter((host) => services[host] === undefined)).toEqual([]);
    expect(named('codec').environment['SUNDIAL_CODEC_WEB_UI']).toBe('http://temporal-ui:8080');
  });
});

describe('the configuration of Temporal', () => {
  it('has 512 shards and the shipped settings', () => {
    const { environment, volumes: mounts } = named('temporal');
    expect(environment['NUM_HISTORY_SHARDS']).toBe('512');
    expect(mounts).toMatchObject([
      { source: './deploy/temporal/dynamic-config.yaml', target: environment['DYNAMIC_CONFIG_FILE_PATH'] },
    ]);
  });
});
