import type { Database } from '../../store/database';
import { TENANT_ID } from '../people';

const AT_ONCE = 50_000;

/**
 * People made by Postgres itself, in rows as wide as real ones: nobody opens what stands for their addresses and keys.
 * The same every time, for chance would change the audience from run to run.
 */
export async function seedCrowd(
  { pool }: Database,
  count: number,
  onProgress: (done: number) => void,
): Promise<void> {
  for (let from = 1; from <= count; from += AT_ONCE) {
    const upTo = Math.min(from + AT_ONCE - 1, count);
    await pool.query(
      `with made as (
         insert into recipient (tenant_id, external_id, time_zone, zone, zone_source, locale, email, attributes)
         select $1, 'person-' || n,
                zones.name, zones.name, 1, (array['en', 'de', 'fr'])[1 + n % 3],
                sha256(n::text::bytea) || sha256(('b' || n)::bytea),
                jsonb_build_object(
                  'first_name', 'Ada ' || n,
                  'plan', (array['free', 'premium', 'team'])[1 + n % 3],
                  'country', (array['DE', 'FR', 'US', 'IN', 'JP', 'BR', 'NG'])[1 + n % 7],
                  'score', (n::bigint * 7919) % 1000,
                  'lastLogin', to_char(date '2026-01-01' + (n % 200), 'YYYY-MM-DD'),
                  'tags', case when n % 11 = 0 then '["dormant", "beta"]'::jsonb else '["beta"]'::jsonb end)
           from generate_series($2::int, $3::int) as n
           cross join lateral (
             select (array['Europe/Paris', 'America/New_York', 'Asia/Kolkata', 'Asia/Tokyo'])[1 + n % 4] as name
           ) zones
         returning rid
       )
       insert into recipient_key (rid, wrapped)
       select rid, sha256(rid::text::bytea) || sha256(('k' || rid)::bytea) from made`,
      [TENANT_ID, from, upTo],
    );
    onProgress(upTo);
  }
  await pool.query('vacuum analyze recipient, recipient_key');
}
