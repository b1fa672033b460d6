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

export function tenantByName(db: Database, name: string): Promise<Tenant | null> {
  return db.prisma.tenant.findUnique({ where: { name }, select: columns });
}

export function createTenant(db: Database, tenant: Omit<Tenant, 'id'>): Promise<Tenant> {
  return db.prisma.tenant.create({ data: { ...tenant }, select: columns });
}

/** Throws when no tenant has the name. */
export async function setDefaultTimeZone(db: Database, name: string, zone: string): Promise<void> {
  await db.prisma.tenant.update({ where: { name }, data: { defaultTimeZone: zone } });
}
