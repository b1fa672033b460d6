import { messageDay } from '../../domain/messages/message-id';
import type { InlineContent } from '../../domain/content/content';
import type { Queries } from '../database';

/** What messages say beyond their templates, sealed, by id; one that says nothing of its own is missing. */
export async function readSealedWords(
  db: Queries,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (ids.length === 0) return new Map();
  // Served by the primary key, of each day alone.
  const { rows } = await db.pool.query<{ id: string; sealed: Uint8Array }>(
    `select d.id, d.sealed
       from unnest($1::date[], $2::uuid[]) as m (day, id)
       join message_data d on d.day = m.day and d.id = m.id
      where d.sealed is not null`,
    [ids.map(messageDay), ids],
  );
  return new Map(rows.map(({ id, sealed }) => [id, sealed]));
}

/** A template as messages are made by it. */
export interface TemplateText {
  readonly tenantId: number;
  /** Null while it is not active. */
  readonly content: InlineContent | null;
}

export type ReadTexts = (db: Queries, ids: readonly string[]) => Promise<ReadonlyMap<string, TemplateText>>;

const MOST_REMEMBERED = 500;

/**
 * Reads templates as they are this moment, of whichever tenants; one that does not exist is missing. A version never
 * changes, so that its text is read, and later compiled, once.
 */
export function createReadTexts(): ReadTexts {
  const known = new Map<string, InlineContent>();

  async function learn(
    db: Queries,
    versions: readonly { readonly id: string; readonly version: number }[],
  ): Promise<void> {
    if (versions.length === 0) return;
    const { rows } = await db.pool.query<{ id: string; version: number; definition: InlineContent }>(
      `select v.template_id as id, v.version, v.definition
         from unnest($1::text[], $2::int[]) as w (id, version)
         join template_version v on v.template_id = w.id and v.version = w.version`,
      [versions.map(({ id }) => id), versions.map(({ version }) => version)],
    );
    if (known.size + rows.length > MOST_REMEMBERED) known.clear();
    for (const { id, version, definition } of rows) known.set(nameOf(id, version), definition);
  }

  return async (db, ids) => {
    if (ids.length === 0) return new Map();
    // Served by template_pkey.
    const { rows } = await db.pool.query<{
      id: string;
      tenantId: number;
      version: number;
      usable: boolean;
    }>(
      `select id, tenant_id as "tenantId", version, active and archived_at is null as usable
         from template
        where id = any($1::text[])`,
      [ids],
    );
    await learn(
      db,
      rows.filter(({ id, version, usable }) => usable && !known.has(nameOf(id, version))),
    );
    return new Map(
      rows.map(({ id, tenantId, version, usable }) => [
        id,
        { tenantId, content: usable ? (known.get(nameOf(id, version)) ?? null) : null },
      ]),
    );
  };
}

function nameOf(id: string, version: number): string {
  return `${id} ${version}`;
}
