import type { Database } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';

/** A credential as it may be shown: its key is known to nobody any more. */
export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly scopes: string[];
  readonly prefix: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export interface NewApiKey extends Omit<ApiKeyRecord, 'revokedAt'> {
  /** SHA-256 of the key. */
  readonly hash: Uint8Array<ArrayBuffer>;
}

const columns = {
  id: true,
  name: true,
  role: true,
  scopes: true,
  prefix: true,
  createdBy: true,
  createdAt: true,
  revokedAt: true,
} as const;

export function createApiKey(db: Database, tenantId: number, key: NewApiKey): Promise<ApiKeyRecord> {
  return db.prisma.apiKey.create({ data: { ...key, scopes: [...key.scopes], tenantId }, select: columns });
}

/** A live key with what a caller's identity consists of. */
export interface Credential {
  readonly id: string;
  readonly role: string;
  readonly scopes: string[];
  readonly tenantId: number;
  readonly tenantZone: string;
}

/** The key with this hash and whose it is, across all tenants; null when there is none or it was revoked. */
export async function credentialByHash(
  db: Database,
  hash: Uint8Array<ArrayBuffer>,
): Promise<Credential | null> {
  // One round trip on every request; served by the unique index on hash.
  const { rows } = await db.pool.query<Credential>(
    `select k.id, k.role, k.scopes, k.tenant_id as "tenantId", t.default_time_zone as "tenantZone"
       from api_key k
       join tenant t on t.id = k.tenant_id
      where k.hash = $1 and k.revoked_at is null`,
    [hash],
  );
  return rows[0] ?? null;
}

/** Newest first. */
export async function listApiKeys(
  db: Database,
  tenantId: number,
  { limit, after }: Slice,
): Promise<Stretch<ApiKeyRecord>> {
  const rows = await db.prisma.apiKey.findMany({
    where: { tenantId, ...(after === null ? {} : { id: { lt: after } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
    select: columns,
  });
  return stretchOf(rows, limit, ({ id }) => id);
}

/** Answers whether the tenant has such a key; one that is revoked already keeps its time. */
export async function revokeApiKey(db: Database, tenantId: number, id: string, at: Date): Promise<boolean> {
  const { count } = await db.prisma.apiKey.updateMany({
    where: { id, tenantId, revokedAt: null },
    data: { revokedAt: at },
  });
  return count > 0 || (await db.prisma.apiKey.count({ where: { id, tenantId } })) > 0;
}
