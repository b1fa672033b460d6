import type { InlineContent } from '../../domain/content/content';
import type { ChannelName } from '../../domain/delivery/channel';
import type { Queries } from '../database';

/** What accepting a message has to know of its template. */
export interface TemplateStanding {
  readonly tenantId: number;
  readonly active: boolean;
  readonly channels: ReadonlySet<ChannelName>;
  readonly requiredVariables: InlineContent['requiredVariables'];
}

/** What a version says of itself, which never changes. */
type Said = Omit<TemplateStanding, 'tenantId' | 'active'>;

export type ReadTemplates = (db: Queries, ids: readonly string[]) => Promise<Map<string, TemplateStanding>>;

const MOST_REMEMBERED = 1_000;

/**
 * Reads templates as they are this moment, of whichever tenants; one that does not exist is missing. What a version says
 * is remembered, because a template may be long.
 */
export function createReadTemplates(): ReadTemplates {
  const known = new Map<string, Said>();

  async function learn(db: Queries, missing: readonly { id: string; version: number }[]): Promise<void> {
    const { rows } = await db.pool.query<{
      id: string;
      version: number;
      channels: ChannelName[];
      required: string[];
    }>(
      `select v.template_id as id, v.version, v.definition -> 'requiredVariables' as required,
              array(select jsonb_object_keys(v.definition -> 'contents')) as channels
         from template_version v
         join unnest($1::text[], $2::int[]) as w (id, version) on v.template_id = w.id and v.version = w.version`,
      [missing.map(({ id }) => id), missing.map(({ version }) => version)],
    );
    if (known.size + rows.length > MOST_REMEMBERED) known.clear();
    for (const { id, version, channels, required } of rows) {
      known.set(keyOf(id, version), { channels: new Set(channels), requiredVariables: required });
    }
  }

  return async (db, ids) => {
    if (ids.length === 0) return new Map();
    // Served by template_pkey.
    const { rows } = await db.pool.query<{ id: string; tenantId: number; version: number; active: boolean }>({
      name: 'message-templates',
      text: `
      select id, tenant_id as "tenantId", version, active and archived_at is null as active
        from template
       where id = any ($1::text[])`,
      values: [ids],
    });
    const missing = rows.filter(({ id, version }) => !known.has(keyOf(id, version)));
    if (missing.length > 0) await learn(db, missing);
    return new Map(
      rows.flatMap(({ id, version, ...standing }) => {
        const said = known.get(keyOf(id, version));
        return said ? [[id, { ...said, ...standing }] as const] : [];
      }),
    );
  };
}

function keyOf(id: string, version: number): string {
  return `${id} ${version}`;
}
