import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { RingSealed } from '../platform/crypto';
import type { Queries } from './database';

/** Who sent which key: it means nothing to anybody else. */
export interface KeyOwner {
  readonly tenantId: number;
  readonly actorId: string;
  readonly key: string;
}

export interface KeptAnswer {
  /** Hash of the owner and the key. */
  readonly id: Buffer;
  readonly tenantId: number;
  /** Hash of the person whom the answer tells of, whose erasure forgets it. */
  readonly recipient: Buffer | null;
  readonly answer: RingSealed;
  readonly expiresAt: Date;
}

export function idOfKey({ tenantId, actorId, key }: KeyOwner): Buffer {
  return hashOf([tenantId, actorId, key]);
}

/** What an answer about a person is found by; the person's own id is often an address. */
export function hashOfRecipient(tenantId: number, recipientId: string): Buffer {
  return hashOf([tenantId, recipientId]);
}

function hashOf(parts: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/**
 * Holds the key until the transaction ends, whichever way it ends: a process that dies holds nothing. False when
 * another transaction holds it.
 */
export async function holdKey(client: PoolClient, id: Buffer): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_xact_lock($1) as held', [
    id.readBigInt64BE(),
  ]);
  return rows[0]?.held === true;
}

/** To be asked in a statement after `holdKey`, which then sees what the holder before had committed. */
export async function findAnswer(client: PoolClient, id: Buffer, now: Date): Promise<RingSealed | null> {
  const { rows } = await client.query<RingSealed>(
    'select key_id as "keyId", sealed from idempotency where id = $1 and expires_at > $2',
    [id, now],
  );
  return rows[0] ?? null;
}

/** Takes the place of an answer that has expired. */
export async function keepAnswer(
  client: PoolClient,
  { id, tenantId, recipient, answer, expiresAt }: KeptAnswer,
): Promise<void> {
  await client.query(
    `insert into idempotency (id, tenant_id, recipient, key_id, sealed, expires_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (id) do update
        set recipient = excluded.recipient, key_id = excluded.key_id, sealed = excluded.sealed,
            expires_at = excluded.expires_at`,
    [id, tenantId, recipient, answer.keyId, answer.sealed, expiresAt],
  );
}

/** Forgets up to `limit` answers that have expired; how many they were. */
export async function forgetExpired(db: Queries, now: Date, limit: number): Promise<number> {
  // Served by idempotency_expires_at_idx of each partition.
  const { rowCount } = await db.pool.query(
    `delete from idempotency
      where id in (select id from idempotency where expires_at <= $1 limit $2 for update skip locked)`,
    [now, limit],
  );
  return rowCount ?? 0;
}

/** Forgets every answer that tells of a person. */
export async function forgetRecipient(
  client: PoolClient,
  tenantId: number,
  recipientId: string,
): Promise<void> {
  // Served by the partial index idempotency_recipient of each partition.
  await client.query('delete from idempotency where recipient = $1', [
    hashOfRecipient(tenantId, recipientId),
  ]);
}
