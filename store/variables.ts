import type { ResolvedAudience } from '../domain/audience/condition';
import { audienceClause } from './audience';
import type { Queries } from './database';
import { SqlParameters } from './sql-parameters';

/** People of one locale, and how many of them have no value for each of some variables. */
export interface LackingByLocale {
  readonly locale: string | null;
  readonly people: number;
  /** In the order of the variables. */
  readonly lacking: readonly number[];
}

/**
 * Counts who of an audience has no attribute by the name of a variable (a dotted path); null counts as none.
 * @param examined how many people of the tenant to look at, by rid; null is everybody. A bound keeps a command quick
 *   whatever the size of the audience: the key range is read in the order of recipient_tenant_id_rid_idx.
 */
export async function countLacking(
  db: Queries,
  tenantId: number,
  condition: ResolvedAudience,
  variables: readonly string[],
  examined: number | null,
): Promise<LackingByLocale[]> {
  const parameters = new SqlParameters();
  const within = audienceClause(tenantId, condition, parameters);
  const bound =
    examined === null
      ? ''
      : `and r.rid <= (select max(rid)
                        from (select rid from recipient
                               where tenant_id = ${parameters.add(tenantId, 'int')}
                               order by rid
                               limit ${parameters.add(examined, 'int')}) first)`;
  const counts = variables.map((name) => {
    const path = parameters.add(name.split('.'), 'text[]');
    return `count(*) filter (where coalesce(jsonb_typeof(r.attributes #> ${path}), 'null') = 'null')::int`;
  });
  const { rows } = await db.pool.query<LackingByLocale>(
    `select lower(r.locale) as locale, count(*)::int as people, array[${counts.join(', ')}]::int[] as lacking
       from ${within} ${bound}
      group by 1`,
    parameters.values,
  );
  return rows;
}
