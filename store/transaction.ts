import type { PoolClient } from 'pg';
import { errorCode } from '../platform/error-code';
import type { Queries } from './database';

/**
 * Runs `work` in one transaction on one connection: commits what it did, or nothing of it when it throws. Within a
 * transaction it becomes a part of that one, which alone decides whether anything is committed.
 */
export async function inTransaction<T>(db: Queries, work: (client: PoolClient) => Promise<T>): Promise<T> {
  if (db.transaction) return asPart(db.transaction, work);
  const client = await db.pool.connect();
  let broken: Error | undefined;
  // A lost connection is told to the statement under way, and again to whoever listens: nobody would end the process.
  const lost = (failure: Error): void => {
    broken = failure;
  };
  client.on('error', lost);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot roll back is not lent to anybody else.
    await client.query('rollback').catch(lost);
    throw error;
  } finally {
    client.off('error', lost);
    client.release(broken);
  }
}

/** As `inTransaction`, again when Postgres ended it because two transactions waited for each other. */
export async function inOrderlyTransaction<T>(
  db: Queries,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return againAfterDeadlock(() => inTransaction(db, work));
}

/** Does what is all or nothing again when Postgres ended it because two transactions waited for each other. */
export async function againAfterDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let left = DEADLOCKS_IN_A_ROW; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (errorCode(error) !== DEADLOCK_DETECTED || left === 0) throw error;
    }
  }
}

const DEADLOCK_DETECTED = '40P01';
const DEADLOCKS_IN_A_ROW = 10;

/** What store functions join a transaction by. */
export function joining(client: PoolClient): Queries {
  return { pool: client, transaction: client };
}

async function asPart<T>(client: PoolClient, work: (client: PoolClient) => Promise<T>): Promise<T> {
  await client.query('savepoint part');
  try {
    const result = await work(client);
    await client.query('release savepoint part');
    return result;
  } catch (error) {
    // Fails only when the connection is lost, and the whole transaction with it.
    await client.query('rollback to savepoint part').catch(() => undefined);
    throw error;
  }
}
