import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import type { Setting } from '../setting/setting';
import { dockerWay } from '../ways/docker';
import { embeddedPostgresWay } from '../ways/embedded-postgres';
import { environmentWay } from '../ways/environment';
import { pathWay } from '../ways/path';
import { clusterOf, dropStaleLock, ensureCluster, SUPERUSER } from './postgres-cluster';
import { placePostgres } from './postgres-place';
import { containerArgs, type LocalServer, type ServerPart } from './server-part';

const PREFERRED_PORT = 5432;
const DATABASE = 'sundial';
const CONNECTS_WITHIN_MS = 5_000;

/** Sized for a developer's machine. A kept database never answers before its commit is on disk. */
const TUNING = {
  max_connections: '200',
  shared_buffers: '256MB',
  work_mem: '16MB',
  max_wal_size: '4GB',
  random_page_cost: '1.1',
};
const LOOPBACK_ONLY = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
const THROW_AWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

export function postgresPart(setting: Setting, password: string): ServerPart {
  return {
    name: 'Postgres',
    ways: [
      environmentWay('DATABASE_URL', setting.environment),
      embeddedPostgresWay(),
      pathWay(['postgres'], setting.environment),
      dockerWay('postgres:18'),
    ],
    async external(url) {
      await connected(url, (client) => client.query('select 1'));
      return { postgres: url };
    },
    async local(source, ports) {
      const port = await ports.take(PREFERRED_PORT);
      const tuning = { ...TUNING, ...(setting.durability === 'throw-away' ? THROW_AWAY : {}) };
      const settings = Object.entries(tuning).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      return source.kind === 'program'
        ? runProgram(path.dirname(realpathSync(source.file)), port, settings, setting, password)
        : runImage(source.image, port, settings, setting, password);
    },
  };
}

async function runProgram(
  programs: string,
  port: number,
  settings: readonly string[],
  setting: Setting,
  password: string,
): Promise<LocalServer> {
  const place = await placePostgres(programs, setting.data);
  mkdirSync(place.data, { recursive: true, mode: 0o700 });
  await ensureCluster(place, password, path.join(setting.logs, 'setup-postgres.log'));
  dropStaleLock(place);
  return {
    ...answering(port, password),
    service: {
      ready: () => ensureDatabase(port, password),
      command: {
        file: path.join(place.programs, 'postgres'),
        args: ['-D', clusterOf(place), '-p', String(port), ...LOOPBACK_ONLY, ...settings],
        // "Fast": open connections are ended, everything committed is kept.
        stopSignal: 'SIGINT',
        ...(place.user === null ? {} : { user: place.user }),
      },
    },
  };
}

function runImage(
  image: string,
  port: number,
  settings: readonly string[],
  setting: Setting,
  password: string,
): LocalServer {
  const folder = path.join(setting.data, 'postgres-in-docker');
  mkdirSync(folder, { recursive: true });
  const args = containerArgs(image, {
    ports: [{ host: port, container: PREFERRED_PORT }],
    folder: { host: folder, container: '/var/lib/postgresql' },
    environment: { POSTGRES_USER: SUPERUSER, POSTGRES_PASSWORD: password },
    rest: ['postgres', ...settings],
  });
  return {
    ...answering(port, password),
    service: { ready: () => ensureDatabase(port, password), command: { file: 'docker', args } },
  };
}

function answering(port: number, password: string): Pick<LocalServer, 'addresses'> {
  return { addresses: { postgres: urlOf(port, password, DATABASE) } };
}

function urlOf(port: number, password: string, database: string): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

/** Ready means that our database is there. */
function ensureDatabase(port: number, password: string): Promise<boolean> {
  return connected(urlOf(port, password, 'postgres'), async (client) => {
    const known = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
    return true;
  });
}

async function connected<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECTS_WITHIN_MS });
  // A server that is just starting or stopping may cut the connection; the query that waits tells it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
