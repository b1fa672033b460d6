import type { Queries } from './database';
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

const COLUMNS = `id, name, role, scopes, prefix, created_by as "createdBy", created_at as "createdAt",
  revoked_at as "revokedAt"`;

export async function createApiKey(db: Queries, tenantId: number, key: NewApiKey): Promise<ApiKeyRecord> {
  const { hash, ...shown } = key;
  const { id, name, role, scopes, prefix, createdBy, createdAt } = shown;
  await db.pool.query(
    `insert into api_key (id, tenant_id, name, role, scopes, prefix, hash, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, tenantId, name, role, scopes, prefix, Buffer.from(hash), createdBy, createdAt],
  );
  return { ...shown, revokedAt: null };
}

/** A live key with what a caller's identity consists of. */
export interface Credential {
  readonly id: string;
  readonly role: string;
  readonly scopes: string[];
  readonly tenantId: number;
  readonly tenantZone: string;
}

/** The keys with these hashes and whose they are, across all tenants; null where there is none or it was revoked. */
export async function credentialsByHash(
  db: Queries,
  hashes: readonly Uint8Array<ArrayBuffer>[],
): Promise<(Credential | null)[]> {
  // One round trip on every request; served by the unique index on hash.
  const { rows } = await db.pool.query<Credential & { place: number }>({
    name: 'credentials-by-hash',
    text: `
    select w.place::int, k.id, k.role, k.scopes, k.tenant_id as "tenantId", t.default_time_zone as "tenantZone"
      from unnest($1::bytea[]) with ordinality as w (hash, place)
      join api_key k on k.hash = w.hash
      join tenant t on t.id = k.tenant_id
     where k.revoked_at is null`,
    values: [hashes.map((hash) => Buffer.from(hash))],
  });
  const found: (Credential | null)[] = hashes.map(() => null);
  for (const { place, ...credential } of rows) found[place - 1] = credential;
  return found;
}

/** Newest first. */
export async function listApiKeys(
  db: Queries,
  tenantId: number,
  { limit, after }: Slice,
): Promise<Stretch<ApiKeyRecord>> {
  // Served by the index on (tenant_id, id).
  const { rows } = await db.pool.query<ApiKeyRecord>(
    `select ${COLUMNS}
       from api_key
      where tenant_id = $1 and ($2::text is null or id < $2)
      order by id desc
      limit $3`,
    [tenantId, after, limit + 1],
  );
  return stretchOf(rows, limit, ({ id }) => id);
}

/** Answers whether the tenant has such a key; one that is revoked already keeps its time. */
export async function revokeApiKey(db: Queries, tenantId: number, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    'update api_key set revoked_at = coalesce(revoked_at, $3) where tenant_id = $1 and id = $2',
    [tenantId, id, at],
  );
  return rowCount === 1;
}
