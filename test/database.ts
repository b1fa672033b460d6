import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { stack } from './stack';

export interface FreshDatabase {
  readonly url: string;
  /** Drops the database, ending whatever is still connected to it. */
  drop(): Promise<void>;
}

/** Any number, so long as everybody who builds the template takes the same lock. */
const TEMPLATE_LOCK = 7_233_001;

/** A database of the caller's own without a single table, for tests of the migrations themselves. */
export function emptyDatabase(): Promise<FreshDatabase> {
  return createDatabase('template0');
}

/**
 * A migrated, empty database of the caller's own, cloned from a template that is migrated once a run.
 * Cloning takes some 50 ms where migrating takes a second.
 */
export async function freshDatabase(): Promise<FreshDatabase> {
  return createDatabase(await maintain(ensureTemplate));
}

async function createDatabase(template: string): Promise<FreshDatabase> {
  const name = `test_${process.pid}_${randomBytes(5).toString('hex')}`;
  await maintain((server) => server.query(`create database ${name} template ${template}`));
  return {
    url: urlOf(name),
    drop: () =>
      maintain(async (server) => {
        await server.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

/** The name holds a hash of the migrations: a stack that outlives an edit gets a new template. */
async function ensureTemplate(server: Client): Promise<string> {
  const name = `template_${hashOfMigrations()}`;
  await server.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const known = await server.query('select 1 from pg_database where datname = $1', [name]);
    if (known.rowCount === 0) {
      const building = `${name}_building`;
      await server.query(`drop database if exists ${building} with (force)`);
      await server.query(`create database ${building}`);
      // As a process of its own: Jest cannot load the engine, which is an ES module with WebAssembly inside.
      await promisify(execFile)(
        process.execPath,
        [path.join(__dirname, '..', 'dist', 'prisma', 'migrate.js')],
        {
          env: { ...process.env, DATABASE_URL: urlOf(building) },
        },
      );
      await server.query(`alter database ${building} rename to ${name}`);
    }
  } finally {
    await server.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
  return name;
}

function hashOfMigrations(): string {
  const folder = path.join(__dirname, '..', 'prisma');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.sql'),
  );
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    hash.update(file).update(readFileSync(path.join(folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function maintain<T>(work: (server: Client) => Promise<T>): Promise<T> {
  const server = new Client({ connectionString: stack().postgres });
  await server.connect();
  try {
    return await work(server);
  } finally {
    await server.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(stack().postgres);
  url.pathname = `/${database}`;
  return url.href;
}
