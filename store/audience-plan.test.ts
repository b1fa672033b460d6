import type { ResolvedAudience } from '../domain/audience/condition';
import { parseAudienceQuery } from '../domain/audience/parse';
import { expandSegments } from '../domain/audience/segments';
import type { Segments } from '../domain/audience/segments';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { countByZone, readPage } from './audience';
import type { DuePeople, RidRange } from './audience';
import { openDatabase } from './database';
import type { Database } from './database';

const PEOPLE = 120_000;

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url, { maxConnections: 2 });
  await db.pool.query(
    `insert into recipient (tenant_id, external_id, locale, attributes, created_at)
     select 1, 'p' || n, case n % 3 when 0 then 'de-AT' else 'en' end,
            jsonb_build_object('plan', case when n % 100 = 0 then 'premium' else 'free' end,
                               'country', (array['DE', 'AT', 'FR', 'IT'])[n % 4 + 1],
                               'visits', n % 50,
                               'lastLogin', to_char(date '2026-01-01' + n % 28, 'YYYY-MM-DD'),
                               'tags', jsonb_build_array('t' || n % 200)),
            '2026-01-01'
       from generate_series(1, $1) n`,
    [PEOPLE],
  );
  // What autovacuum would do within a minute.
  await db.pool.query('vacuum analyze recipient');
}, 120_000);

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** How Postgres runs the one statement that a store function sends. */
async function planOf(run: (db: Database) => Promise<unknown>): Promise<Plan[]> {
  const sent: { text: string; values: unknown[] }[] = [];
  const query = (text: string, values: unknown[]): Promise<{ rows: never[] }> => {
    sent.push({ text, values });
    return Promise.resolve({ rows: [] });
  };
  await run({ ...db, pool: Object.assign(Object.create(db.pool), { query }) });
  const [statement] = sent;
  if (!statement || sent.length > 1) throw new Error(`${sent.length} statements were sent.`);
  const { rows } = await db.pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
    `explain (analyze, format json) ${statement.text}`,
    statement.values,
  );
  return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan: root }) => nodesOf(root)));
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

const indexesIn = (plan: Plan[]): Set<string | undefined> =>
  new Set(plan.map((node) => node['Index Name']).filter((name) => name?.startsWith('recipient')));

function conditionOf(query: object, segments: Segments = new Map()): ResolvedAudience {
  const parsed = parseAudienceQuery(query);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.errors));
  return expandSegments(parsed.condition, segments);
}

const count = (condition: ResolvedAudience): Promise<Plan[]> =>
  planOf((recording) => countByZone(recording, 1, condition));

const due = (condition: ResolvedAudience): DuePeople => ({
  tenantId: 1,
  condition,
  day: '2026-12-01',
  occurrenceId: '1',
  step: '',
  existedBy: { openedAt: Date.parse('2026-11-30T00:00:00Z'), zones: ['UTC'], instants: [0] },
  zonesNotDue: ['Asia/Tokyo', 'Asia/Seoul'],
});

const page = (condition: ResolvedAudience, range: RidRange): Promise<Plan[]> =>
  planOf((recording) => readPage(recording, due(condition), range, 1_000));

/** People whose rows were looked at. */
const examined = (plan: Plan[]): number =>
  plan
    .filter((node) => node['Relation Name'] === 'recipient')
    .reduce((sum, node) => sum + (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0), 0);

describe('the index of attributes', () => {
  it.each<[object]>([
    [{ plan: 'premium' }],
    [{ plan: 'premium', visitsGte: 10, lastLoginBefore: '2026-01-10' }],
    [{ tagsIn: ['t5', 't6'] }],
    [{ any: [{ plan: 'premium' }, { tags: 't5' }] }],
    [{ any: [{ plan: 'premium' }, { all: [{ tags: 't7' }, { not: { country: 'DE' } }] }] }],
    [{ all: [{ any: [{ tags: 't1' }, { tags: 't2' }] }, { locale: 'de-AT' }] }],
  ])('serves %j', async (query) => {
    const plan = await count(conditionOf(query));
    expect(indexesIn(plan)).toEqual(new Set(['recipient_attributes_idx']));
    expect(examined(plan)).toBeLessThan(PEOPLE / 20);
  });

  it('serves what a segment stands for, too', async () => {
    const segments = new Map([['seg_1', conditionOf({ plan: 'premium' })]]);
    const plan = await count(conditionOf({ all: [{ segment: 'seg_1' }, { countryNot: 'FR' }] }, segments));
    expect(indexesIn(plan)).toEqual(new Set(['recipient_attributes_idx']));
  });
});

describe('a list of people', () => {
  it.each<[string, ResolvedAudience, string]>([
    ['by row id', { kind: 'people', rids: ['5', '700'], ids: [] }, 'recipient_pkey'],
    ['by own id', conditionOf({ recipients: ['p5', 'p700'] }), 'recipient_tenant_id_external_id_key'],
    ['by a condition', conditionOf({ idIn: ['p5', 'p700'] }), 'recipient_tenant_id_external_id_key'],
  ])('%s is looked up', async (_how, condition, index) => {
    const plan = await count(condition);
    expect(indexesIn(plan)).toEqual(new Set([index]));
    expect(examined(plan)).toBe(2);
  });

  it('of both kinds is looked up by both', async () => {
    const plan = await count({ kind: 'people', rids: ['5'], ids: ['p700'] });
    expect(indexesIn(plan)).toEqual(new Set(['recipient_pkey', 'recipient_tenant_id_external_id_key']));
    expect(examined(plan)).toBe(2);
  });
});

describe('a page', () => {
  const KEYS = new Set(['recipient_pkey', 'recipient_tenant_id_rid_idx']);

  it.each<[string, object, number]>([
    ['everybody', {}, 1_000],
    ['nearly everybody', { plan: 'free' }, 1_100],
    ['a range of numbers', { visitsGte: 25 }, 2_100],
    ['a range of dates', { lastLoginBefore: '2026-01-15' }, 2_100],
    ['those who are not', { not: { country: 'DE' } }, 1_400],
  ])('of %s reads its own stretch of people, in the order of the key', async (_whom, query, most) => {
    for (const after of [0, 60_000, 110_000]) {
      const plan = await page(conditionOf(query), { after: String(after), upTo: String(PEOPLE) });
      expect([...indexesIn(plan)].filter((name) => name !== undefined && KEYS.has(name))).toHaveLength(1);
      expect(plan.map((node) => node['Node Type'])).not.toContain('Sort');
      expect(examined(plan)).toBeLessThanOrEqual(most);
    }
  });

  it('that is a good part of its stretch is walked through, however many have what the index knows', async () => {
    const query = { all: [{ planIn: ['free', 'premium'] }, { visitsGte: 10 }] };
    const plan = await page(conditionOf(query), { after: '100000', upTo: '108000' });
    expect([...indexesIn(plan)]).not.toContain('recipient_attributes_idx');
    expect(plan.map((node) => node['Node Type'])).not.toContain('Seq Scan');
    expect(examined(plan)).toBeLessThanOrEqual(8_000);
  });

  it('of few people asks the index of attributes instead of reading everybody', async () => {
    const plan = await page(conditionOf({ tags: 't5', visitsLte: 40 }), { after: '0', upTo: String(PEOPLE) });
    expect(indexesIn(plan)).toContain('recipient_attributes_idx');
    expect(examined(plan)).toBeLessThan(2_000);
  });
});
