import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { serverUser } from '../../../temporal-dev/parts/postgres-place';
import type { Service } from '../../../temporal-dev/supervision/service';
import { lastLine, run } from '../../../temporal-dev/ways/run';
import type { PostgresPrograms } from './postgres-programs';

/** What the image of the service `postgres` reads from its environment. */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** A real server as the image makes it: at its first start the cluster, its superuser and one database. */
export async function postgresService(
  { server, environment }: PostgresPrograms,
  { folder, port, login }: { folder: string; port: number; login: Login },
): Promise<Service> {
  const data = path.join(folder, 'postgres');
  const user = process.getuid?.() === 0 ? await serverUser(data) : null;
  if (!existsSync(data)) {
    mkdirSync(data, { mode: 0o700 });
    const password = path.join(data, 'password');
    writeFileSync(password, login.password, { mode: 0o600 });
    for (const place of [data, password]) if (user !== null) chownSync(place, user.uid, user.gid);
    const args = ['-D', path.join(data, 'cluster'), '-E', 'UTF8', '--locale', 'C', '--no-sync'];
    const made = await run(
      path.join(server, 'initdb'),
      [...args, '-U', login.user, '--auth', 'scram-sha-256', '--pwfile', password],
      { ...user, environment },
    );
    if (made.code !== 0) throw new Error(`initdb failed: ${lastLine(made)}`);
  }
  const listening = [
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'unix_socket_directories=',
  ];
  return {
    command: {
      file: path.join(server, 'postgres'),
      args: ['-D', path.join(data, 'cluster'), ...listening, '-c', 'fsync=off', '-c', 'jit=off'],
      environment,
      stopSignal: 'SIGINT',
      ...(user === null ? {} : { user }),
    },
    ready: async () => {
      await ensureDatabase(port, login, login.database);
      return true;
    },
  };
}

export async function ensureDatabase(port: number, login: Login, database: string): Promise<void> {
  const client = new Client({ host: '127.0.0.1', port, ...login, database: 'postgres' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const known = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (known.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}
