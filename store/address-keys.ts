import type { AddressKey, KeyRing } from '../platform/crypto';
import type { Queries } from './database';

/**
 * The key under which a tenant's addresses are hashed, made when it is asked for first. Of several who make one at
 * the same time the first to commit wins, and all of them get that one.
 * @throws UnknownKeyError when the key that wraps it is no longer in the ring.
 */
export async function addressKeyOf(db: Queries, keyRing: KeyRing, tenantId: number): Promise<AddressKey> {
  const known = await wrappedKey(db, tenantId);
  if (known) return keyRing.openAddressKey(tenantId, known);
  // Waits for whoever is making one at this moment, and is seen by the statement after it.
  await db.pool.query(
    'insert into address_key (tenant_id, wrapped) values ($1, $2) on conflict (tenant_id) do nothing',
    [tenantId, keyRing.newAddressKey(tenantId).wrapped],
  );
  const made = await wrappedKey(db, tenantId);
  if (!made) throw new Error(`The key for addresses of tenant ${tenantId} was deleted.`);
  return keyRing.openAddressKey(tenantId, made);
}

async function wrappedKey(db: Queries, tenantId: number): Promise<Buffer | null> {
  const { rows } = await db.pool.query<{ wrapped: Buffer }>(
    'select wrapped from address_key where tenant_id = $1',
    [tenantId],
  );
  return rows[0]?.wrapped ?? null;
}
