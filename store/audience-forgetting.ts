import type { PoolClient } from 'pg';
import type { AudienceCondition } from '../domain/audience/condition';
import { forgetPerson } from '../domain/audience/people';

/**
 * Takes the id of a person who is being erased out of every stored query that names them by it: those that were
 * written before they existed. Whoever existed stands there by rid.
 */
export async function forgetInAudiences(client: PoolClient, tenantId: number, id: string): Promise<void> {
  await forgetInSchedules(client, tenantId, id);
  await forgetInSegments(client, tenantId, id);
}

/** An immutable version loses a name and nothing else. Served by schedule_version_names. */
async function forgetInSchedules(client: PoolClient, tenantId: number, id: string): Promise<void> {
  const { rows } = await client.query<{ schedule_id: string; version: number; audience: AudienceCondition }>(
    `select v.schedule_id, v.version, v.config -> 'audience' as audience
       from schedule_version v
       join schedule s on s.id = v.schedule_id
      where ${names(`v.config -> 'audience'`)} and s.tenant_id = $1 and ${holds(`v.config -> 'audience'`)}
        for update of v`,
    [tenantId, id],
  );
  for (const { schedule_id, version, audience } of rows) {
    await client.query(
      `update schedule_version
          set config = config || jsonb_build_object('audience', $3::jsonb, 'audienceQuery', null)
        where schedule_id = $1 and version = $2`,
      [schedule_id, version, JSON.stringify(forgetPerson(audience, id))],
    );
  }
}

/** Served by segment_names. */
async function forgetInSegments(client: PoolClient, tenantId: number, id: string): Promise<void> {
  const { rows } = await client.query<{ id: string; condition: AudienceCondition }>(
    `select id, condition
       from segment
      where ${names('condition')} and tenant_id = $1 and ${holds('condition')}
        for update`,
    [tenantId, id],
  );
  for (const segment of rows) {
    await client.query('update segment set condition = $2, query = null where id = $1', [
      segment.id,
      JSON.stringify(forgetPerson(segment.condition, id)),
    ]);
  }
}

/** Whether a condition names anybody by their own id: word for word what the partial indexes say. */
function names(condition: string): string {
  return `jsonb_path_exists(${condition}, '$.**?(exists(@.ids[*]) || @.attribute == "id")')`;
}

function holds(condition: string): string {
  return (
    `jsonb_path_exists(${condition}, '$.**?(@.ids[*] == $id || (@.attribute == "id" && @.value[*] == $id))', ` +
    `jsonb_build_object('id', $2::text))`
  );
}
