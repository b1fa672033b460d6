import type { Queries } from './database';

/** The rids of people by their own ids; who does not exist is missing. Served by recipient_tenant_id_external_id_key. */
export async function ridsOfRecipients(
  db: Queries,
  tenantId: number,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.pool.query<{ id: string; rid: string }>(
    'select external_id as id, rid from recipient where tenant_id = $1 and external_id = any($2::text[])',
    [tenantId, ids],
  );
  return new Map(rows.map(({ id, rid }) => [id, rid]));
}

/** The own ids of people by rid; who was erased is missing. Served by recipient_pkey. */
export async function idsOfRecipients(
  db: Queries,
  tenantId: number,
  rids: readonly string[],
): Promise<Map<string, string>> {
  if (rids.length === 0) return new Map();
  const { rows } = await db.pool.query<{ id: string; rid: string }>(
    `select external_id as id, rid
       from recipient
      where tenant_id = $1 and rid = any($2::bigint[]) and external_id is not null`,
    [tenantId, rids],
  );
  return new Map(rows.map(({ id, rid }) => [rid, id]));
}
