import type { TemplateDefinition } from '../domain/content/content';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';
import { moveOpenOccurrencesTo } from './template-pins';
import type { Reach } from './schedule-commands';
import { inTransaction } from './transaction';

export interface TemplateRecord {
  readonly id: string;
  readonly version: number;
  readonly active: boolean;
  readonly definition: TemplateDefinition;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

/** One immutable version. */
export interface TemplateVersionRecord {
  readonly version: number;
  readonly definition: TemplateDefinition;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export interface TemplateContent {
  readonly definition: TemplateDefinition;
  readonly active: boolean;
}

export type TemplateChange =
  | { readonly kind: 'changed'; readonly record: TemplateRecord }
  | { readonly kind: 'stale'; readonly version: number }
  | { readonly kind: 'unknown' };

interface TemplateRow {
  id: string;
  version: number;
  active: boolean;
  definition: TemplateDefinition;
  created_at: Date;
  updated_at: Date;
  archived_at: Date | null;
}

// Served by the primary keys of both tables, or by the index on (tenant_id, id) for lists.
const READ = `
  select t.id, t.version, t.active, v.definition, t.created_at, t.updated_at, t.archived_at
    from template t
    join template_version v on v.template_id = t.id and v.version = t.version
   where t.tenant_id = $1`;

export async function createTemplate(
  db: Queries,
  tenantId: number,
  id: string,
  { definition, active }: TemplateContent,
  createdBy: string,
  at: Date,
): Promise<TemplateRecord> {
  await inTransaction(db, async (client) => {
    await client.query(
      `insert into template (id, tenant_id, name, version, active, created_at, updated_at)
       values ($1, $2, $3, 1, $4, $5, $5)`,
      [id, tenantId, definition.name, active, at],
    );
    await client.query(
      `insert into template_version (template_id, version, definition, created_by, created_at)
       values ($1, 1, $2, $3, $4)`,
      [id, JSON.stringify(definition), createdBy, at],
    );
  });
  return { id, version: 1, active, definition, createdAt: at, updatedAt: at, archivedAt: null };
}

/** Archived ones included. */
export async function findTemplate(
  db: Queries,
  tenantId: number,
  id: string,
): Promise<TemplateRecord | null> {
  const { rows } = await db.pool.query<TemplateRow>(`${READ} and t.id = $2`, [tenantId, id]);
  return rows[0] ? recordOf(rows[0]) : null;
}

/** A template as it is, with what one of its versions says. Null when the tenant has no such version. */
export async function findTemplateVersion(
  db: Queries,
  tenantId: number,
  id: string,
  version: number,
): Promise<TemplateRecord | null> {
  const { rows } = await db.pool.query<TemplateRow>(
    `select t.id, v.version, t.active, v.definition, t.created_at, t.updated_at, t.archived_at
       from template t
       join template_version v on v.template_id = t.id
      where t.tenant_id = $1 and t.id = $2 and v.version = $3`,
    [tenantId, id, version],
  );
  return rows[0] ? recordOf(rows[0]) : null;
}

/** Every version of a template, newest first; the cursor is a version. Served by template_version_pkey. */
export async function listTemplateVersions(
  db: Queries,
  id: string,
  { limit, after }: Slice,
): Promise<Stretch<TemplateVersionRecord>> {
  const { rows } = await db.pool.query<TemplateVersionRecord>(
    `select version, definition, created_by as "createdBy", created_at as "createdAt"
       from template_version
      where template_id = $1 and ($2::int is null or version < $2)
      order by version desc
      limit $3`,
    [id, after, limit + 1],
  );
  return stretchOf(rows, limit, ({ version }) => String(version));
}

/** Newest first, without those that were archived. */
export async function listTemplates(
  db: Queries,
  tenantId: number,
  { limit, after }: Slice,
): Promise<Stretch<TemplateRecord>> {
  const { rows } = await db.pool.query<TemplateRow>(
    `${READ} and t.archived_at is null and ($2::text is null or t.id < $2) order by t.id desc limit $3`,
    [tenantId, after, limit + 1],
  );
  const { items, next } = stretchOf(rows, limit, ({ id }) => id);
  return { items: items.map(recordOf), next };
}

/**
 * Writes the next version of a template, made by `change` from what it holds now. `stale` when `accepts` refuses its
 * version. What `change` throws is passed on and nothing is written.
 */
export async function changeTemplate(
  db: Queries,
  tenantId: number,
  id: string,
  accepts: (version: number) => boolean,
  change: (current: TemplateRecord) => TemplateContent,
  reach: Reach,
  changedBy: string,
  at: Date,
): Promise<TemplateChange> {
  return inTransaction(db, async (client): Promise<TemplateChange> => {
    // Two statements: one that waits for the row sees its newest state afterwards, but not the version beside it.
    await client.query('select 1 from template where tenant_id = $1 and id = $2 for update', [tenantId, id]);
    const { rows } = await client.query<TemplateRow>(`${READ} and t.id = $2 and t.archived_at is null`, [
      tenantId,
      id,
    ]);
    const [row] = rows;
    if (!row) return { kind: 'unknown' };
    if (!accepts(row.version)) return { kind: 'stale', version: row.version };
    const { definition, active } = change(recordOf(row));
    const version = row.version + 1;
    await client.query(
      `insert into template_version (template_id, version, definition, created_by, created_at)
       values ($1, $2, $3, $4, $5)`,
      [id, version, JSON.stringify(definition), changedBy, at],
    );
    await client.query(
      'update template set name = $2, version = $3, active = $4, updated_at = $5 where id = $1',
      [id, definition.name, version, active, at],
    );
    if (reach === 'running') await moveOpenOccurrencesTo(client, id, version);
    const createdAt = row.created_at;
    return {
      kind: 'changed',
      record: { id, version, active, definition, createdAt, updatedAt: at, archivedAt: null },
    };
  });
}

/** Takes a template out of lists and out of use. False when the tenant has none with this id. */
export async function archiveTemplate(db: Queries, tenantId: number, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await db.pool.query(
    `update template set active = false, archived_at = coalesce(archived_at, $3), updated_at = $3
      where tenant_id = $1 and id = $2`,
    [tenantId, id, at],
  );
  return rowCount === 1;
}

function recordOf(row: TemplateRow): TemplateRecord {
  return {
    id: row.id,
    version: row.version,
    active: row.active,
    definition: row.definition,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    archivedAt: row.archived_at,
  };
}
