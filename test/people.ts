import { ZONE_SOURCE_CODES } from '../domain/recipient/zone-source';
import type { KeyRing } from '../platform/crypto';
import type { Database } from '../store/database';

/** A person to be put straight into Postgres, as the API would have left them there. */
export interface SeedPerson {
  readonly id: string;
  readonly email?: string;
  readonly phone?: string;
  /** The profile's zone; without one the tenant's default counts. */
  readonly timeZone?: string;
  readonly locale?: string;
  readonly attributes?: Record<string, unknown>;
  readonly createdAt?: Date;
}

/** Inserts any number of people in two statements, addresses sealed under keys of their own. Returns their rids in order. */
export async function seedPeople(
  db: Pick<Database, 'pool'>,
  keyRing: KeyRing,
  tenantId: number,
  people: readonly SeedPerson[],
): Promise<string[]> {
  const { rows } = await db.pool.query<{ rid: string }>(
    `select nextval('recipient_rid_seq') as rid from generate_series(1, $1)`,
    [people.length],
  );
  const rids = rows.map(({ rid }) => rid);
  const keys = rids.map((rid) => keyRing.newPersonKey(BigInt(rid)));
  const sealed = (context: 'email' | 'phone') =>
    people.map((person, index) => {
      const address = person[context];
      const key = keys[index]?.key;
      return address === undefined || key === undefined ? null : keyRing.seal(key, address, context);
    });
  await db.pool.query(
    `insert into recipient (rid, tenant_id, external_id, time_zone, zone, zone_source, locale, email, phone,
                            attributes, created_at)
     select rid, $1, id, zone, zone, source, locale, email, phone, attributes, created_at
       from unnest($2::bigint[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::bytea[], $8::bytea[],
                   $9::jsonb[], $10::timestamptz[])
            as p (rid, id, zone, source, locale, email, phone, attributes, created_at)`,
    [
      tenantId,
      rids,
      people.map(({ id }) => id),
      people.map(({ timeZone }) => timeZone ?? null),
      people.map(({ timeZone }) => ZONE_SOURCE_CODES[timeZone === undefined ? 'default' : 'profile']),
      people.map(({ locale }) => locale ?? null),
      sealed('email'),
      sealed('phone'),
      people.map(({ attributes }) => JSON.stringify(attributes ?? {})),
      people.map(({ createdAt }) => createdAt ?? new Date('2026-01-01T00:00:00Z')),
    ],
  );
  await db.pool.query(
    'insert into recipient_key (rid, wrapped) select * from unnest($1::bigint[], $2::bytea[])',
    [rids, keys.map(({ wrapped }) => wrapped)],
  );
  return rids;
}
