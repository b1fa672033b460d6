import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Client } from 'pg';
import { findRoot } from '../../temporal-dev/setting/setting';
import { lastLine, run } from '../../temporal-dev/ways/run';

export interface OwnDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A migrated database of the bench's own beside whatever else the server holds. */
export async function createOwnDatabase(server: string, log: string): Promise<OwnDatabase> {
  const name = `sundial_bench_${randomBytes(5).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const own: OwnDatabase = {
    url: url.href,
    drop: () => maintain(server, `drop database if exists ${name} with (force)`),
  };
  await maintain(server, `create database ${name}`);
  const program = path.join(findRoot(__dirname), 'dist', 'prisma', 'migrate.js');
  const migrated = await run(process.execPath, [program], { environment: { DATABASE_URL: own.url }, log });
  if (migrated.code === 0) return own;
  await own.drop();
  throw new Error(`The migration of the bench's database failed: ${lastLine(migrated)}`);
}

async function maintain(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
