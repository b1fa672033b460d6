import type { PoolClient } from 'pg';
import type { RecipientProfile } from '../domain/recipient/profile';
import { ZONE_SOURCE_CODES, zoneSourceOfCode } from '../domain/recipient/zone-source';
import type { KeyRing, PersonKey } from '../platform/crypto';
import { forgetInAudiences } from './audience-forgetting';
import type { Queries } from './database';
import { forgetRecipient } from './idempotency';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';
import { recordFinishedJob } from './jobs';
import { eraseMessagesOf } from './messages/erase';
import type { JobRecord } from './jobs';
import { inTransaction } from './transaction';

export interface RecipientRecord extends RecipientProfile {
  readonly id: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What sealing an address binds it to: the column it stands in. */
const EMAIL = 'email';
const PHONE = 'phone';

interface RecipientRow {
  rid: string;
  external_id: string;
  time_zone: string | null;
  zone: string | null;
  zone_source: number;
  locale: string | null;
  email: Buffer | null;
  phone: Buffer | null;
  attributes: Record<string, unknown>;
  created_at: Date;
  updated_at: Date;
  wrapped: Buffer | null;
}

// Served by the unique index on (tenant_id, external_id), or by the one on (tenant_id, rid) for lists.
const READ = `
  select r.rid, r.external_id, r.time_zone, r.zone, r.zone_source, r.locale, r.email, r.phone,
         r.attributes, r.created_at, r.updated_at, k.wrapped
    from recipient r
    left join recipient_key k on k.rid = r.rid
   where r.tenant_id = $1`;

/** Creates the person or replaces everything that is known of them. */
export async function putRecipient(
  db: Queries,
  keyRing: KeyRing,
  tenantId: number,
  id: string,
  profile: RecipientProfile,
  at: Date,
): Promise<{ outcome: 'created' | 'replaced'; record: RecipientRecord }> {
  return inTransaction(db, async (client) => {
    const { outcome, createdAt } = await replacePerson(client, keyRing, tenantId, id, profile, at);
    return { outcome, record: { ...profile, id, createdAt, updatedAt: at } };
  });
}

/** As `putRecipient`, within a transaction that then holds the person's row. */
export async function replacePerson(
  client: PoolClient,
  keyRing: KeyRing,
  tenantId: number,
  id: string,
  profile: RecipientProfile,
  at: Date,
): Promise<{ outcome: 'created' | 'replaced'; rid: string; createdAt: Date }> {
  // A row version that nobody replaced yet has no xmax: that tells an insert from an update.
  const { rows } = await client.query<{ rid: string; created: boolean; createdAt: Date }>(
    `insert into recipient (tenant_id, external_id, created_at, updated_at)
     values ($1, $2, $3, $3)
     on conflict (tenant_id, external_id) do update set updated_at = excluded.updated_at
     returning rid, created_at as "createdAt", xmax = 0 as created`,
    [tenantId, id, at],
  );
  const [row] = rows;
  if (!row) throw new Error('An upsert returned no row.');
  await writeProfile(client, keyRing, BigInt(row.rid), profile, at);
  return { outcome: row.created ? 'created' : 'replaced', rid: row.rid, createdAt: row.createdAt };
}

export async function findRecipient(
  db: Queries,
  keyRing: KeyRing,
  tenantId: number,
  id: string,
): Promise<RecipientRecord | null> {
  const { rows } = await db.pool.query<RecipientRow>(`${READ} and r.external_id = $2`, [tenantId, id]);
  return rows[0] ? recordOf(rows[0], keyRing) : null;
}

/**
 * Changes a person by what is known of them now; the row is locked meanwhile, so that two changes follow each
 * other. What `change` throws is passed on and nothing is changed. Null when the tenant has no such person.
 */
export async function changeRecipient(
  db: Queries,
  keyRing: KeyRing,
  tenantId: number,
  id: string,
  change: (current: RecipientRecord) => RecipientProfile,
  at: Date,
): Promise<RecipientRecord | null> {
  return inTransaction(db, async (client) => {
    const { rows } = await client.query<RecipientRow>(`${READ} and r.external_id = $2 for update of r`, [
      tenantId,
      id,
    ]);
    const [row] = rows;
    if (!row) return null;
    const current = recordOf(row, keyRing);
    const profile = change(current);
    await writeProfile(client, keyRing, BigInt(row.rid), profile, at);
    return { ...profile, id, createdAt: current.createdAt, updatedAt: at };
  });
}

/** In the order in which they were first written. */
export async function listRecipients(
  db: Queries,
  keyRing: KeyRing,
  tenantId: number,
  { limit, after }: Slice,
): Promise<Stretch<RecipientRecord>> {
  const { rows } = await db.pool.query<RecipientRow>(
    `${READ} and r.rid > $2::bigint and r.erased_at is null order by r.rid limit $3`,
    [tenantId, after ?? '0', limit + 1],
  );
  const { items, next } = stretchOf(rows, limit, ({ rid }) => rid);
  return { items: items.map((row) => recordOf(row, keyRing)), next };
}

/** The zones that count for people of a tenant, by their ids; who does not exist is missing. */
export async function zonesOfRecipients(
  db: Queries,
  tenantId: number,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await db.pool.query<{ id: string; zone: string }>(
    `select r.external_id as id, coalesce(r.zone, t.default_time_zone) as zone
       from recipient r
       join tenant t on t.id = r.tenant_id
      where r.tenant_id = $1 and r.external_id = any ($2::text[])`,
    [tenantId, ids],
  );
  return new Map(rows.map(({ id, zone }) => [id, zone]));
}

/**
 * Erases a person: the key that their addresses are sealed with is destroyed, every other datum is emptied, messages
 * that wait for them end, and the bare rid stays so that ledgers keep their counts. The finished job is written in the same transaction.
 * False when the tenant has no such person.
 */
export async function eraseRecipient(
  db: Queries,
  tenantId: number,
  id: string,
  erasure: { readonly jobId: string; readonly createdBy: string },
  at: Date,
): Promise<JobRecord | null> {
  return inTransaction(db, async (client) => {
    const { rows } = await client.query<{ rid: string }>(
      `update recipient
          set external_id = null, time_zone = null, zone = null, zone_source = 0, locale = null,
              email = null, phone = null, attributes = '{}', updated_at = $3, erased_at = $3
        where tenant_id = $1 and external_id = $2
        returning rid`,
      [tenantId, id, at],
    );
    const [row] = rows;
    if (!row) return null;
    await client.query('delete from recipient_key where rid = $1', [row.rid]);
    await forgetRecipient(client, tenantId, id);
    await forgetInAudiences(client, tenantId, id);
    await eraseMessagesOf(client, row.rid, at);
    return recordFinishedJob(
      client,
      { tenantId, id: erasure.jobId, createdBy: erasure.createdBy, kind: 'erasure', total: 1 },
      at,
    );
  });
}

async function writeProfile(
  client: PoolClient,
  keyRing: KeyRing,
  rid: bigint,
  profile: RecipientProfile,
  at: Date,
): Promise<void> {
  const key = await personKey(client, keyRing, rid);
  const { email, phone } = sealAddresses(keyRing, key, profile);
  await client.query(
    `update recipient
        set time_zone = $2, zone = $3, zone_source = $4, locale = $5, email = $6, phone = $7,
            attributes = $8, updated_at = $9
      where rid = $1`,
    [
      rid,
      profile.timeZone,
      profile.zone,
      ZONE_SOURCE_CODES[profile.zoneSource],
      profile.locale,
      email,
      phone,
      JSON.stringify(profile.attributes),
      at,
    ],
  );
}

export interface SealedAddresses {
  readonly email: Uint8Array | null;
  readonly phone: Uint8Array | null;
}

/** Seals a person's addresses under their own key, each bound to the column that it stands in. */
export function sealAddresses(
  keyRing: KeyRing,
  key: PersonKey,
  { email, phone }: Pick<RecipientProfile, 'email' | 'phone'>,
): SealedAddresses {
  return {
    email: email === null ? null : keyRing.seal(key, email, EMAIL),
    phone: phone === null ? null : keyRing.seal(key, phone, PHONE),
  };
}

/** The caller holds the person's row, so that no second key can be made meanwhile. */
async function personKey(
  client: PoolClient,
  keyRing: KeyRing,
  rid: bigint,
): Promise<Uint8Array<ArrayBuffer>> {
  const { rows } = await client.query<{ wrapped: Buffer }>(
    'select wrapped from recipient_key where rid = $1',
    [rid],
  );
  if (rows[0]) return keyRing.openPersonKey(rid, rows[0].wrapped);
  const { key, wrapped } = keyRing.newPersonKey(rid);
  await client.query('insert into recipient_key (rid, wrapped) values ($1, $2)', [rid, wrapped]);
  return key;
}

function recordOf(row: RecipientRow, keyRing: KeyRing): RecipientRecord {
  const sealed = row.email ?? row.phone;
  const key = sealed && row.wrapped ? keyRing.openPersonKey(BigInt(row.rid), row.wrapped) : null;
  return {
    id: row.external_id,
    email: key && row.email ? keyRing.open(key, row.email, EMAIL) : null,
    phone: key && row.phone ? keyRing.open(key, row.phone, PHONE) : null,
    locale: row.locale,
    timeZone: row.time_zone,
    zone: row.zone,
    zoneSource: zoneSourceOfCode(row.zone_source),
    attributes: row.attributes,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
