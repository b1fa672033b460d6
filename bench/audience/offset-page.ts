import type { ResolvedAudience } from '../../domain/audience/condition';
import { audiencePredicate } from '../../store/audience-sql';
import type { Database } from '../../store/database';
import { SqlParameters } from '../../store/sql-parameters';
import { TENANT_ID } from '../people';
import type { Page } from './keyset-pages';

/** A page of the same people by the way that lists are usually read: it counts all those before it again. */
export async function offsetPage(
  db: Database,
  condition: ResolvedAudience,
  offset: number,
  size: number,
): Promise<Page> {
  const parameters = new SqlParameters();
  const began = performance.now();
  const { rows } = await db.pool.query<{ rid: string }>(
    `select r.rid, coalesce(r.zone, t.default_time_zone) as zone, r.zone_source, r.locale, r.attributes, r.email,
            r.phone, k.wrapped
       from recipient r
       join tenant t on t.id = r.tenant_id
       left join recipient_key k on k.rid = r.rid
      where r.tenant_id = ${parameters.add(TENANT_ID, 'int')}
        and r.erased_at is null
        and ${audiencePredicate(condition, parameters)}
      order by r.rid
      limit ${parameters.add(size, 'int')}
     offset ${parameters.add(offset, 'int')}`,
    parameters.values,
  );
  return { first: rows[0]?.rid ?? '', people: rows.length, ms: performance.now() - began };
}
