import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { ResolvedAudience } from '../domain/audience/condition';
import { matchesAudience } from '../domain/audience/evaluate';
import type { AudiencePerson } from '../domain/audience/evaluate';
import { parseAudienceQuery } from '../domain/audience/parse';
import { expandSegments } from '../domain/audience/segments';
import { createKeyRing } from '../platform/crypto';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { seedPeople } from '../test/people';
import type { SeedPerson } from '../test/people';
import { audiencePredicate, walkedPredicate } from './audience-sql';
import { countByZone } from './audience';
import { openDatabase } from './database';
import type { Database } from './database';
import { SqlParameters } from './sql-parameters';

const keyRing = createKeyRing([{ id: 'k1', key: randomBytes(32) }]);
let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
  await db.pool.query(`insert into tenant (id, name, default_time_zone) values (7, 'seven', 'Asia/Tokyo')`);
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

beforeEach(async () => {
  await db.pool.query('truncate recipient cascade');
});

function conditionOf(query: unknown): ResolvedAudience {
  const parsed = parseAudienceQuery(query);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.errors));
  return expandSegments(parsed.condition, new Map());
}

async function idsMatching(condition: ResolvedAudience, predicate = audiencePredicate): Promise<string[]> {
  const parameters = new SqlParameters();
  const tenant = parameters.add(7, 'int');
  const { rows } = await db.pool.query<{ external_id: string }>(
    `select r.external_id from recipient r join tenant t on t.id = r.tenant_id
      where r.tenant_id = ${tenant} and ${predicate(condition, parameters)} order by r.rid`,
    parameters.values,
  );
  return rows.map((row) => row.external_id);
}

async function seed(...people: SeedPerson[]): Promise<string[]> {
  return seedPeople(db, keyRing, 7, people);
}

const asPerson = (person: SeedPerson, rid: string): AudiencePerson => ({
  rid,
  id: person.id,
  locale: person.locale ?? null,
  timeZone: person.timeZone ?? 'Asia/Tokyo',
  hasEmail: person.email !== undefined,
  hasPhone: person.phone !== undefined,
  createdAt: (person.createdAt ?? new Date('2026-01-01T00:00:00Z')).getTime(),
  attributes: person.attributes ?? {},
});

describe('an audience in SQL', () => {
  it('counts people by the zone that counts, without erased ones and other tenants', async () => {
    await seed(
      { id: 'a', timeZone: 'Europe/Paris', attributes: { plan: 'premium' } },
      { id: 'b', timeZone: 'Europe/Paris', attributes: { plan: 'premium' } },
      { id: 'c', attributes: { plan: 'premium' } },
      { id: 'd', attributes: { plan: 'free' } },
      { id: 'e', attributes: { plan: 'premium' } },
    );
    await seedPeople(db, keyRing, 1, [{ id: 'a', attributes: { plan: 'premium' } }]);
    await db.pool.query(`update recipient set erased_at = now(), external_id = null where external_id = 'e'`);
    expect(await countByZone(db, 7, conditionOf({ plan: 'premium' }))).toEqual({
      total: 3,
      byZone: [
        { zone: 'Europe/Paris', people: 2 },
        { zone: 'Asia/Tokyo', people: 1 },
      ],
    });
  });

  it('asks the index for equality', async () => {
    const parameters = new SqlParameters();
    const predicate = audiencePredicate(conditionOf({ planIn: ['premium', 'trial'] }), parameters);
    const client = await db.pool.connect();
    try {
      await client.query('begin');
      await client.query('set local enable_seqscan = off');
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain select 1 from recipient r where ${predicate}`,
        parameters.values,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('recipient_attributes_idx');
      await client.query('rollback');
    } finally {
      client.release();
    }
  });

  it('takes names, values and ids for data, whatever they look like', async () => {
    const tricks = [
      `'; drop table recipient; --`,
      `" or 1=1 --`,
      '$1',
      '$$',
      '%',
      '\\',
      '{"a":1}',
      '__proto__',
      'constructor',
      '?',
      'a.b',
      "E'\\x00'",
      '😀',
    ];
    await seed(
      ...tricks.map((trick) => ({ id: trick, attributes: { [`k${trick}`]: trick, ['__proto__']: 'x' } })),
    );
    for (const trick of tricks) {
      const attribute = `k${trick}`;
      expect(await idsMatching(conditionOf({ recipients: [trick] }))).toEqual([trick]);
      expect(await idsMatching(conditionOf({ id: trick }))).toEqual([trick]);
      for (const query of [
        { attribute, op: 'equals', value: trick },
        { attribute, op: 'in', value: [trick, 'other'] },
        { attribute, op: 'exists', value: true },
      ]) {
        expect(await idsMatching(conditionOf(query))).toEqual([trick]);
      }
      expect(await idsMatching(conditionOf({ attribute, op: 'gte', value: 0 }))).toEqual([]);
      expect(await idsMatching(conditionOf({ attribute, op: 'before', value: '2026-01-01' }))).toEqual([]);
    }
    const everybody = await idsMatching({ kind: 'everyone' });
    expect(everybody).toHaveLength(tricks.length);
    expect(await idsMatching(conditionOf({ attribute: '__proto__', op: 'equals', value: 'x' }))).toEqual(
      everybody,
    );
  });

  it('is never null, so that "not" turns every answer around', async () => {
    await seed({ id: 'bare' }, { id: 'null', attributes: { plan: null, seen: null } });
    for (const query of [
      { plan: 'x' },
      { planIn: ['x'] },
      { scoreGte: 1 },
      { seenBefore: '2026-01-01' },
      { locale: 'de' },
      { planExists: true },
      { emailExists: true },
    ]) {
      expect(await idsMatching(conditionOf(query))).toEqual([]);
      expect(await idsMatching(conditionOf({ not: query }))).toEqual(['bare', 'null']);
    }
  });
});

const names = ['plan', 'score', 'seen', 'tags', 'x', 'toString'];
const texts = [
  'premium',
  'free',
  '5',
  '',
  '2026-01-01',
  '2026-01-01T00:00:00Z',
  '2026-01-01T02:00+02:00',
  '2026-01-01T00:00:00.001Z',
  '2025-12-31T23:59:59.999999',
  '2026-02-30',
  '2026-13-01',
  '2026--1-03',
  '2-26-02-03',
  '20260-02-3',
  'Sept-03-26',
  '0000-01-01',
  '9999-12-31',
  '0001-01-01T00:00+14:59',
  '9999-12-31T23:59:59-14:59',
  '2026-01-01T24:00:00Z',
  '2025-12-31T09:01-14:59',
  '2026-01-01T14:59:00.001+14:59',
  '2025-12-30T23:59:59Z',
  '2026-01-03',
  '20260101',
  'true',
];
const numbers = [0, 5, 5.5, -1, 1e21, 5e-324, 9007199254740991, 0.1];
const bounds = texts.filter((text) => parseAudienceQuery({ xBefore: text }).kind === 'ok');
const scalar = fc.constantFrom<string | number | boolean>(...texts, ...numbers, true, false);
const stored = fc.oneof(
  scalar,
  fc.constant(null),
  fc.array(scalar, { maxLength: 3 }),
  fc.constant({ premium: true }),
  fc.constant([['premium'], [5]]),
);

const leaf: fc.Arbitrary<ResolvedAudience> = fc.oneof(
  fc.record({
    kind: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...names),
    op: fc.constantFrom('equals' as const, 'not' as const),
    value: scalar,
  }),
  fc.record({
    kind: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...names),
    op: fc.constant('in' as const),
    value: fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...names),
    op: fc.constantFrom('before' as const, 'after' as const, 'gte' as const, 'lte' as const),
    value: fc.constantFrom<string | number>(...bounds, ...numbers),
  }),
  fc.record({
    kind: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...names, 'email', 'phone', 'locale'),
    op: fc.constant('exists' as const),
    value: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('attribute' as const),
    attribute: fc.constantFrom('id', 'locale', 'timeZone'),
    op: fc.constantFrom('equals' as const, 'not' as const),
    value: fc.constantFrom('p0', 'p1', 'de-AT', 'DE-at', 'Asia/Tokyo', 'Europe/Paris'),
  }),
  fc.record({
    kind: fc.constant('attribute' as const),
    attribute: fc.constant('createdAt'),
    op: fc.constantFrom('before' as const, 'after' as const, 'gte' as const, 'lte' as const),
    value: fc.constantFrom(...bounds),
  }),
  fc.record({
    kind: fc.constant('people' as const),
    rids: fc.uniqueArray(fc.constantFrom('1', '2', '3', '99'), { maxLength: 3 }),
    ids: fc.uniqueArray(fc.constantFrom('p0', 'p4', 'nobody'), { maxLength: 2 }),
  }),
  fc.record({
    kind: fc.constant('recipients' as const),
    ids: fc.uniqueArray(fc.constantFrom('p0', 'p1', 'p2'), { minLength: 1 }),
  }),
);

const { condition } = fc.letrec<{ condition: ResolvedAudience }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
  ),
}));

const somebody: fc.Arbitrary<Omit<SeedPerson, 'id'>> = fc
  .record({
    email: fc.option(fc.constant('a@example.test'), { nil: undefined }),
    timeZone: fc.option(fc.constant('Europe/Paris'), { nil: undefined }),
    locale: fc.option(fc.constantFrom('de-AT', 'en'), { nil: undefined }),
    attributes: fc.dictionary(fc.constantFrom(...names), stored, { noNullPrototype: true }),
    createdAt: fc.constantFrom(new Date('2026-01-01T00:00:00Z'), new Date('2025-12-31T23:59:59.999Z')),
  })
  .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)));

describe('SQL and evaluation', () => {
  it('agree on every condition and every person', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(somebody, { minLength: 1, maxLength: 12 }),
        fc.array(condition, { minLength: 1, maxLength: 12 }),
        async (drawn, conditions) => {
          await db.pool.query('truncate recipient restart identity cascade');
          const people = drawn.map((one, index) => ({ ...one, id: `p${index}` }));
          const rids = await seed(...people);
          const asked = people.map((person, index) => asPerson(person, rids[index] ?? ''));
          for (const one of conditions) {
            const expected = asked.filter((person) => matchesAudience(one, person));
            const ids = expected.map(({ id }) => id);
            expect(await idsMatching(one)).toEqual(ids);
            expect(await idsMatching(one, walkedPredicate)).toEqual(ids);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
