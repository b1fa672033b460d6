import type { KeyRing } from '../platform/crypto';
import type { Database } from '../store/database';
import { ZONE_SOURCE_CODES } from '../domain/recipient/zone-source';

/** A person as the API would have left them in Postgres. */
export interface Person {
  readonly id: string;
  readonly zone: string;
  readonly email: string | null;
  readonly attributes: Record<string, unknown>;
}

/** The tenant that every installation begins with. */
export const TENANT_ID = 1;
const AT_ONCE = 5_000;

/** Inserts people, addresses sealed under keys of their own, and lets the planner know of them. */
export async function seedPeople(
  db: Database,
  keyRing: KeyRing,
  count: number,
  personOf: (n: number) => Person,
  onProgress: (done: number) => void,
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - from);
    await insert(
      db,
      keyRing,
      Array.from({ length: size }, (_, index) => personOf(from + index)),
    );
    onProgress(from + size);
  }
  await db.pool.query('vacuum analyze recipient, recipient_key');
}

async function insert(db: Database, keyRing: KeyRing, people: readonly Person[]): Promise<void> {
  const { rows } = await db.pool.query<{ rid: string }>(
    `select nextval('recipient_rid_seq') as rid from generate_series(1, $1)`,
    [people.length],
  );
  const sealed = people.map((person, index) => {
    const rid = rows[index]?.rid ?? '';
    const { key, wrapped } = keyRing.newPersonKey(BigInt(rid));
    return {
      ...person,
      rid,
      wrapped,
      email: person.email === null ? null : keyRing.seal(key, person.email, 'email'),
    };
  });
  await db.pool.query(
    `insert into recipient (rid, tenant_id, external_id, time_zone, zone, zone_source, locale, email, attributes)
     select rid, $1, id, zone, zone, $2, 'en', email, attributes
       from unnest($3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::jsonb[])
            as p (rid, id, zone, email, attributes)`,
    [
      TENANT_ID,
      ZONE_SOURCE_CODES.profile,
      sealed.map(({ rid }) => rid),
      sealed.map(({ id }) => id),
      sealed.map(({ zone }) => zone),
      sealed.map(({ email }) => email),
      sealed.map(({ attributes }) => JSON.stringify(attributes)),
    ],
  );
  await db.pool.query(
    'insert into recipient_key (rid, wrapped) select * from unnest($1::bigint[], $2::bytea[])',
    [sealed.map(({ rid }) => rid), sealed.map(({ wrapped }) => wrapped)],
  );
}

const ZONES = [
  'Europe/Paris',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'America/Sao_Paulo',
  'Africa/Lagos',
];

/** Somewhere, so that pages hold people of several zones. */
export function zoneOf(n: number): string {
  return ZONES[n % ZONES.length] ?? 'UTC';
}

/** A domain that nobody has (RFC 2606). */
export function addressOf(n: number): string {
  return `person-${n}@example.com`;
}
