import type { ResolvedAudience } from '../domain/audience/condition';
import { audienceClause } from './audience';
import type { Queries } from './database';
import { SqlParameters } from './sql-parameters';

/** People of one locale, and how many of them have no value for each of some variables. */
export interface LackingByLocale {
  readonly locale: string | null;
  readonly people: number;
  /** How many have no address of the kind that was asked for. */
  readonly withoutAddress: number;
  /** In the order of the variables. */
  readonly lacking: readonly number[];
}

/** The first person, by rid, whom a look at so many of a tenant would leave out; null when it would leave out nobody. */
export async function firstBeyond(db: Queries, tenantId: number, examined: number): Promise<string | null> {
  // Read from recipient_tenant_id_rid_idx alone.
  const { rows } = await db.pool.query<{ rid: string }>(
    'select rid from recipient where tenant_id = $1 order by rid offset $2 limit 1',
    [tenantId, examined],
  );
  return rows[0]?.rid ?? null;
}

/**
 * Counts who of an audience has no attribute by the name of a variable (a dotted path), and who has no address; null
 * counts as none.
 * @param addresses of which people need one; none where they need none.
 * @param before looks at people with a smaller rid alone; null is everybody. A bound keeps a command quick whatever
 *   the size of the audience: the key range is read in the order of recipient_tenant_id_rid_idx.
 */
export async function countLacking(
  db: Queries,
  tenantId: number,
  condition: ResolvedAudience,
  { variables, addresses }: { variables: readonly string[]; addresses: readonly ('email' | 'phone')[] },
  before: string | null,
): Promise<LackingByLocale[]> {
  const parameters = new SqlParameters();
  const within = audienceClause(tenantId, condition, parameters);
  const bound = before === null ? '' : `and r.rid < ${parameters.add(before, 'bigint')}`;
  const counts = variables.map((name) => {
    const path = parameters.add(name.split('.'), 'text[]');
    return `count(*) filter (where coalesce(jsonb_typeof(r.attributes #> ${path}), 'null') = 'null')::int`;
  });
  const reachable = addresses.map((field) => `r.${field}`).join(', ');
  const { rows } = await db.pool.query<LackingByLocale>(
    `select lower(r.locale) as locale, count(*)::int as people,
            ${addresses.length === 0 ? '0' : `count(*) filter (where coalesce(${reachable}) is null)::int`} as "withoutAddress",
            array[${counts.join(', ')}]::int[] as lacking
       from ${within} ${bound}
      group by 1`,
    parameters.values,
  );
  return rows;
}
