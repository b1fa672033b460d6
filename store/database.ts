import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { PrismaClient } from './generated/client';

/**
 * Postgres for one process: Prisma where single rows are read and written, the bare pool where sets are moved.
 * Both share the connections.
 */
export interface Database {
  readonly pool: Pool;
  readonly prisma: PrismaClient;
  close(): Promise<void>;
}

/**
 * Where a store function sends its statements: to any connection of the pool, or to the one whose transaction they
 * join. A `Database` is the former.
 */
export type Queries =
  | { readonly pool: Pool; readonly transaction?: undefined }
  | { readonly pool: Pick<Pool, 'query'>; readonly transaction: PoolClient };

/** A server that fell silent, without closing its connections, counts as away then. */
const ANSWERS_WITHIN_MS = 60_000;

/**
 * Of that time: then Postgres ends a statement itself, before nobody waits for it any more. It would go on there, with
 * its locks, beside the one that repeats it.
 */
const STATEMENT_SHARE = 5 / 6;

/**
 * @param url of Postgres; connections are opened when they are needed, so an absent server fails at the first query.
 * @param options.answersWithinMs after which a statement without an answer fails, here and a little earlier in
 *   Postgres (57014); default a minute.
 */
export function openDatabase(
  url: string,
  options: { maxConnections?: number; answersWithinMs?: number } = {},
): Database {
  const answersWithinMs = options.answersWithinMs ?? ANSWERS_WITHIN_MS;
  const pool = new Pool({
    connectionString: url,
    max: options.maxConnections ?? 20,
    connectionTimeoutMillis: 5_000,
    query_timeout: answersWithinMs,
    statement_timeout: Math.ceil(STATEMENT_SHARE * answersWithinMs),
    keepAlive: true,
  });
  // An idle connection that Postgres closed (a restart) is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    pool,
    prisma,
    async close() {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}
