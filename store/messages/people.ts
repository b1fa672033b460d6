import { zoneSourceOfCode } from '../../domain/recipient/zone-source';
import type { ZoneSource } from '../../domain/recipient/zone-source';
import type { Queries } from '../database';

/** Whom a message is for, as its sender knows them. */
export interface WantedPerson {
  readonly tenantId: number;
  readonly recipient: string;
}

/** What accepting a message has to know of its person. */
export interface Addressee {
  readonly rid: string;
  readonly zone: string;
  readonly zoneSource: ZoneSource;
  readonly locale: string | null;
  readonly attributes: Record<string, unknown>;
  /** The person's key, wrapped. */
  readonly wrapped: Uint8Array | null;
}

interface AddresseeRow {
  place: number;
  rid: string;
  zone: string;
  zone_source: number;
  locale: string | null;
  attributes: Record<string, unknown>;
  wrapped: Buffer | null;
}

/**
 * Each of the people in their order, several tenants' at once; null who does not exist or was erased.
 * @param attributesOf whose attributes are wanted; the others come without any.
 */
export async function addressees(
  db: Queries,
  wanted: readonly WantedPerson[],
  attributesOf: ReadonlySet<number>,
): Promise<(Addressee | null)[]> {
  // Served by recipient_tenant_id_external_id_key.
  const { rows } = await db.pool.query<AddresseeRow>({
    name: 'message-addressees',
    text: `
    select w.place::int, r.rid, coalesce(r.zone, t.default_time_zone) as zone, r.zone_source, r.locale,
           case when w.reads then r.attributes else '{}' end as attributes, k.wrapped
      from unnest($1::int[], $2::text[], $3::boolean[]) with ordinality as w (tenant_id, external_id, reads, place)
      join recipient r on r.tenant_id = w.tenant_id and r.external_id = w.external_id
      join tenant t on t.id = r.tenant_id
      left join recipient_key k on k.rid = r.rid`,
    values: [
      wanted.map(({ tenantId }) => tenantId),
      wanted.map(({ recipient }) => recipient),
      wanted.map((_, index) => attributesOf.has(index)),
    ],
  });
  const found: (Addressee | null)[] = wanted.map(() => null);
  for (const { place, zone_source, ...person } of rows) {
    found[place - 1] = { ...person, zoneSource: zoneSourceOfCode(zone_source) };
  }
  return found;
}
