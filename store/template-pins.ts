import type { PoolClient } from 'pg';

/**
 * The version of a template that is current, held until the transaction ends: whoever changes it meanwhile finds the
 * occurrence that is about to deliver this one. Null when there is no such template.
 */
export async function holdTemplateVersion(client: PoolClient, templateId: string): Promise<number | null> {
  const { rows } = await client.query<{ version: number }>(
    'select version from template where id = $1 for share',
    [templateId],
  );
  return rows[0]?.version ?? null;
}

/** Has open occurrences deliver a newer version of their template. Served by occurrence_open_template. */
export async function moveOpenOccurrencesTo(
  client: PoolClient,
  templateId: string,
  version: number,
): Promise<void> {
  await client.query(
    `update occurrence set template_version = $2
      where template_id = $1 and state = 'open' and template_version < $2`,
    [templateId, version],
  );
}
