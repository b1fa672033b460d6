import type { Database } from './database';

/** A customer of this installation. */
export interface Tenant {
  readonly id: number;
  readonly name: string;
  /** Zone of people for whom no other is known (semantics.md "Whose time"). */
  readonly defaultTimeZone: string;
}

/** The tenant that a fresh installation works in; the administrator's key belongs to it. */
export const DEFAULT_TENANT = 'default';

const columns = { id: true, name: true, defaultTimeZone: true } as const;

export async function tenantByName(db: Pick<Database, 'pool'>, name: string): Promise<Tenant | null> {
  // On every request of the administrator's key; served by tenant_name_key.
  const { rows } = await db.pool.query<Tenant>({
    name: 'tenant-by-name',
    text: 'select id, name, default_time_zone as "defaultTimeZone" from tenant where name = $1',
    values: [name],
  });
  return rows[0] ?? null;
}

export function createTenant(db: Database, tenant: Omit<Tenant, 'id'>): Promise<Tenant> {
  return db.prisma.tenant.create({ data: { ...tenant }, select: columns });
}

/** Throws when no tenant has the name. */
export async function setDefaultTimeZone(db: Database, name: string, zone: string): Promise<void> {
  await db.prisma.tenant.update({ where: { name }, data: { defaultTimeZone: zone } });
}
