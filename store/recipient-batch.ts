import type { PoolClient } from 'pg';
import type { RecipientProfile } from '../domain/recipient/profile';
import { ZONE_SOURCE_CODES } from '../domain/recipient/zone-source';
import type { KeyRing } from '../platform/crypto';
import type { Queries } from './database';
import { replacePerson, sealAddresses } from './recipients';
import type { SealedAddresses } from './recipients';
import { joining } from './transaction';

/** A person as a file tells of them. */
export interface IncomingPerson {
  readonly id: string;
  readonly profile: RecipientProfile;
}

/** A person whose addresses are sealed, as it seemed best before anything was locked. */
interface SealedPerson extends IncomingPerson {
  readonly rid: string;
  readonly addresses: SealedAddresses;
  /** The key of somebody new; null for somebody who has one. */
  readonly wrapped: Uint8Array | null;
}

export interface SealedBatch {
  readonly created: readonly SealedPerson[];
  readonly replaced: readonly SealedPerson[];
  /** Who is there and has no key: made under the person's lock. */
  readonly keyless: readonly IncomingPerson[];
}

/** People whom `rest` is called between: sealing thousands would hold up everything else in the process. */
const SEALED_AT_ONCE = 50;

/**
 * Looks up who exists, gives the others a rid, and seals all addresses. It locks nothing and writes nothing, so that
 * it can go on while the batch before is being written; `writeBatch` finds out who came or went meanwhile.
 * @param people no id twice.
 */
export async function sealBatch(
  db: Queries,
  keyRing: KeyRing,
  tenantId: number,
  people: readonly IncomingPerson[],
  rest: () => Promise<void>,
): Promise<SealedBatch> {
  // Served by recipient_tenant_id_external_id_key and the primary key of recipient_key, one person at a time: `limit`
  // keeps the planner from reading a table of some 100,000 people for a thousand of them.
  const { rows } = await db.pool.query<{
    known: string | null;
    fresh: string | null;
    wrapped: Buffer | null;
  }>(
    `select r.rid as known, k.wrapped,
            case when r.rid is null then nextval('recipient_rid_seq') end as fresh
       from unnest($2::text[]) with ordinality as p (id, place)
       left join lateral (select rid from recipient where tenant_id = $1 and external_id = p.id limit 1) r on true
       left join lateral (select wrapped from recipient_key where rid = r.rid limit 1) k on true
      order by p.place`,
    [tenantId, people.map(({ id }) => id)],
  );
  const created: SealedPerson[] = [];
  const replaced: SealedPerson[] = [];
  const keyless: IncomingPerson[] = [];
  for (const [index, person] of people.entries()) {
    if (index % SEALED_AT_ONCE === 0) await rest();
    const { known, fresh, wrapped } = rows[index] ?? { known: null, fresh: null, wrapped: null };
    if (fresh !== null) {
      const made = keyRing.newPersonKey(BigInt(fresh));
      const addresses = sealAddresses(keyRing, made.key, person.profile);
      created.push({ ...person, rid: fresh, addresses, wrapped: made.wrapped });
    } else if (known !== null && wrapped !== null) {
      const key = keyRing.openPersonKey(BigInt(known), wrapped);
      const addresses = sealAddresses(keyRing, key, person.profile);
      replaced.push({ ...person, rid: known, addresses, wrapped: null });
    } else {
      keyless.push(person);
    }
  }
  return { created, replaced, keyless };
}

/** Creates or replaces everybody of a batch, each under the same rules as one alone. Whose rids they are, by id. */
export async function writeBatch(
  client: PoolClient,
  keyRing: KeyRing,
  tenantId: number,
  batch: SealedBatch,
  at: Date,
): Promise<Map<string, string>> {
  const rids = new Map<string, string>();
  const overtaken = await writeSealed(client, tenantId, batch, at, rids);
  if (overtaken.length === 0) return rids;
  // Made or erased by somebody else since they were looked up. Who was made is visible now, and is replaced.
  const again = await sealBatch(joining(client), keyRing, tenantId, overtaken, () => Promise.resolve());
  for (const { id, profile } of (await writeSealed(client, tenantId, again, at, rids)).toSorted(byId)) {
    const { rid } = await replacePerson(client, keyRing, tenantId, id, profile, at);
    rids.set(id, rid);
  }
  return rids;
}

/** Notes in `rids` who was written, and returns the others. */
async function writeSealed(
  client: PoolClient,
  tenantId: number,
  { created, replaced, keyless }: SealedBatch,
  at: Date,
  rids: Map<string, string>,
): Promise<IncomingPerson[]> {
  const written = new Set([
    ...(await createPeople(client, tenantId, created, at)),
    ...(await replacePeople(client, tenantId, replaced, at)),
  ]);
  const others: IncomingPerson[] = [...keyless];
  for (const person of [...created, ...replaced]) {
    if (written.has(person.rid)) rids.set(person.id, person.rid);
    else others.push(person);
  }
  return others;
}

/** In one order for everybody, so that two batches with the same people wait for each other and not in a ring. */
function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The rids of those who did not exist yet. */
async function createPeople(
  client: PoolClient,
  tenantId: number,
  people: readonly SealedPerson[],
  at: Date,
): Promise<string[]> {
  if (people.length === 0) return [];
  const ordered = people.toSorted(byId);
  const { rows } = await client.query<{ rid: string }>(
    `with incoming as materialized (
       select *
         from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::text[], $9::bytea[],
                     $10::bytea[], $11::jsonb[], $12::bytea[])
              as p (rid, id, time_zone, zone, zone_source, locale, email, phone, attributes, wrapped)
     ), made as (
       insert into recipient (rid, tenant_id, external_id, time_zone, zone, zone_source, locale, email, phone,
                              attributes, created_at, updated_at)
       select rid, $1, id, time_zone, zone, zone_source, locale, email, phone, attributes, $2, $2
         from incoming
       on conflict (tenant_id, external_id) do nothing
       returning rid
     )
     insert into recipient_key (rid, wrapped)
     select rid, wrapped from made join incoming using (rid)
     returning rid`,
    [tenantId, at, ...columnsOf(ordered), ordered.map(({ wrapped }) => wrapped)],
  );
  return rows.map(({ rid }) => rid);
}

/** The rids of those who are still there as they were looked up. */
async function replacePeople(
  client: PoolClient,
  tenantId: number,
  people: readonly SealedPerson[],
  at: Date,
): Promise<string[]> {
  if (people.length === 0) return [];
  const ordered = people.toSorted(byId);
  // By the planner's reckoning a table of some 100,000 people is read sooner than a thousand are looked up. It is not.
  await client.query('set local enable_seqscan = off');
  // An update takes its rows in any order: so that nobody waits in a ring, they are locked in one order first.
  await client.query(
    'select from recipient where tenant_id = $1 and external_id = any ($2::text[]) order by external_id for update',
    [tenantId, ordered.map(({ id }) => id)],
  );
  const { rows } = await client.query<{ rid: string }>(
    `update recipient r
        set time_zone = p.time_zone, zone = p.zone, zone_source = p.zone_source, locale = p.locale,
            email = p.email, phone = p.phone, attributes = p.attributes, updated_at = $2
       from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::text[], $9::bytea[],
                   $10::bytea[], $11::jsonb[])
            as p (rid, id, time_zone, zone, zone_source, locale, email, phone, attributes)
      where r.rid = p.rid and r.tenant_id = $1 and r.external_id = p.id
      returning r.rid`,
    [tenantId, at, ...columnsOf(ordered)],
  );
  return rows.map(({ rid }) => rid);
}

function columnsOf(people: readonly SealedPerson[]): unknown[] {
  return [
    people.map(({ rid }) => rid),
    people.map(({ id }) => id),
    people.map(({ profile }) => profile.timeZone),
    people.map(({ profile }) => profile.zone),
    people.map(({ profile }) => ZONE_SOURCE_CODES[profile.zoneSource]),
    people.map(({ profile }) => profile.locale),
    people.map(({ addresses }) => addresses.email),
    people.map(({ addresses }) => addresses.phone),
    people.map(({ profile }) => JSON.stringify(profile.attributes)),
  ];
}
