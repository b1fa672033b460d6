import fc from 'fast-check';
import { canonicalAudienceQuery } from './canonical';
import { parseAudienceQuery } from './parse';

function condition(query: unknown): unknown {
  const parsed = parseAudienceQuery(query);
  return parsed.kind === 'ok' ? parsed.condition : parsed.errors;
}

function errors(query: unknown): string[] {
  const parsed = parseAudienceQuery(query);
  return parsed.kind === 'ok' ? [] : parsed.errors.map(({ pointer, code }) => `${pointer} ${code}`);
}

const attribute = (name: string, op: string, value: unknown) => ({
  kind: 'attribute',
  attribute: name,
  op,
  value,
});

const many = (count: number) => ({ any: Array.from({ length: count }, (_, index) => ({ a: index })) });

const ids = (count: number) => ({ recipients: Array.from({ length: count }, (_, index) => `p${index}`) });

describe('an audience query', () => {
  it('that is empty or null is everybody', () => {
    expect(condition({})).toEqual({ kind: 'everyone' });
    expect(condition(null)).toEqual({ kind: 'everyone' });
  });

  it('that is flat wants every key to match, suffixes name the operator', () => {
    expect(
      condition({
        plan: 'premium',
        lastLoginBefore: '2026-01-01',
        seenAfter: '2026-01-01T09:00:00+01:00',
        stateNot: 'x',
        countryIn: ['DE', 'AT', 'DE'],
        scoreGte: 5,
        scoreLte: 7.5,
        phoneExists: true,
      }),
    ).toEqual({
      kind: 'all',
      of: [
        attribute('plan', 'equals', 'premium'),
        attribute('lastLogin', 'before', '2026-01-01'),
        attribute('seen', 'after', '2026-01-01T09:00:00+01:00'),
        attribute('state', 'not', 'x'),
        attribute('country', 'in', ['DE', 'AT']),
        attribute('score', 'gte', 5),
        attribute('score', 'lte', 7.5),
        attribute('phone', 'exists', true),
      ],
    });
  });

  it('takes a key as it stands when "In" has no list, "Exists" no boolean, or nothing precedes the suffix', () => {
    expect(condition({ checkedIn: true })).toEqual(attribute('checkedIn', 'equals', true));
    expect(condition({ coExists: 'x' })).toEqual(attribute('coExists', 'equals', 'x'));
    expect(condition({ Not: 'x' })).toEqual(attribute('Not', 'equals', 'x'));
    expect(condition({ In: 'x' })).toEqual(attribute('In', 'equals', 'x'));
  });

  it('nests', () => {
    expect(
      condition({ any: [{ all: [{ a: 1 }, { not: { b: false } }] }, { recipients: ['x', 'y', 'x'] }, {}] }),
    ).toEqual({
      kind: 'any',
      of: [
        {
          kind: 'all',
          of: [attribute('a', 'equals', 1), { kind: 'not', of: attribute('b', 'equals', false) }],
        },
        { kind: 'recipients', ids: ['x', 'y'] },
        { kind: 'everyone' },
      ],
    });
  });

  it('asks for a segment, and tells whom and what it names', () => {
    const parsed = parseAudienceQuery({
      any: [{ segment: 'seg_1' }, { recipients: ['a', 'b', 'a'] }, { idIn: ['c'] }, { not: { id: 'd' } }],
    });
    expect(parsed).toMatchObject({
      condition: { of: [{ kind: 'segment', id: 'seg_1' }, {}, {}, {}] },
      mentions: {
        recipients: ['a', 'b', 'c', 'd'],
        segments: [{ id: 'seg_1', pointer: '/any/0/segment' }],
      },
    });
  });

  it('tells which zones it names, and where', () => {
    const parsed = parseAudienceQuery({
      any: [
        { timeZone: 'UTC' },
        { timeZoneIn: ['A', 'B'] },
        { attribute: 'timeZone', op: 'not', value: 'C' },
      ],
    });
    expect(parsed).toMatchObject({
      mentions: {
        zones: [
          { id: 'UTC', pointer: '/any/0/timeZone' },
          { id: 'A', pointer: '/any/1/timeZoneIn/0' },
          { id: 'B', pointer: '/any/1/timeZoneIn/1' },
          { id: 'C', pointer: '/any/2/value' },
        ],
      },
    });
  });

  it('knows operators by their other names', () => {
    const ops = { eq: 'equals', ne: 'not', gt: 'after', lt: 'before' };
    for (const [name, op] of Object.entries(ops)) {
      expect(condition({ attribute: 'a', op: name, value: 5 })).toEqual(attribute('a', op, 5));
    }
  });

  it('reaches attributes that are named like a structure, or end in a suffix, through the long form', () => {
    expect(condition({ attribute: 'segment', op: 'equals', value: 'x' })).toEqual(
      attribute('segment', 'equals', 'x'),
    );
    expect(condition({ attribute: 'logIn', op: 'in', value: [1] })).toEqual(attribute('logIn', 'in', [1]));
  });

  it('names each thing that is wrong by its place and the fix', () => {
    expect(parseAudienceQuery({ any: [{ plan: null }, { attribute: 'x', op: 'like', value: 1 }] })).toEqual({
      kind: 'refused',
      errors: [
        {
          pointer: '/any/0/plan',
          code: 'field.type',
          message: 'plan: must not be null: ask "planExists": false',
        },
        {
          pointer: '/any/1/op',
          code: 'field.value',
          message: 'op: must be one of equals, not, in, before, after, gte, lte, exists',
        },
      ],
    });
  });

  it.each<[object, string]>([
    [{ attribute: 'a', op: '>=', value: 1 }, 'lte, exists; did you mean "gte"?'],
    [{ attribute: 'a', op: 'equal', value: 1 }, 'lte, exists; did you mean "equals"?'],
    [{ attribute: 'a', op: 'Before ', value: 1 }, 'lte, exists; did you mean "before"?'],
    [{ attribute: 'a', op: 'contains', value: 1 }, 'lte, exists; did you mean "equals"?'],
    [
      { atribute: 'a', op: 'eq', value: 1 },
      'atribute: cannot stand beside "op" and "value": what they compare is called "attribute"',
    ],
    [{ $or: [{ plan: 'x' }] }, '$or: must be one value: a list of conditions is called "all" or "any"'],
    [{ planIN: ['x'] }, 'planIN: must be one value: did you mean "planIn"?'],
    [{ plan: ['x'] }, 'plan: must be one value: "planIn" takes a list'],
    [{ visits: { $gte: 3 } }, 'an operator is part of the key, as in "visitsGte": 3'],
    [{ localeIn: ['de-AT', 'de_AT'] }, 'localeIn: must be a language tag such as en, de-AT or zh-Hant-TW'],
  ])('%j, as people write it elsewhere, is refused with what to write here', (query, message) => {
    const parsed = parseAudienceQuery(query);
    expect(parsed.kind === 'refused' && parsed.errors.map((error) => error.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it('may ask for attributes called op and value', () => {
    expect(condition({ op: 'eq', value: 1 })).toMatchObject({ kind: 'all' });
    expect(condition({ op: 'hip', value: 1, year: 2026 })).toMatchObject({ kind: 'all' });
  });

  it.each([
    ['text', ' field.type'],
    [[], ' field.type'],
    [5, ' field.type'],
    [{ segment: '' }, '/segment field.type'],
    [{ segment: ['vip'] }, '/segment field.type'],
    [{ segment: 'vip', plan: 'x' }, '/plan field.unknown'],
    [{ all: [] }, '/all field.type'],
    [{ any: {} }, '/any field.type'],
    [{ not: [] }, '/not field.type'],
    [{ not: null }, '/not field.type'],
    [{ recipients: [] }, '/recipients field.type'],
    [{ recipients: 'x' }, '/recipients field.type'],
    [{ recipients: ['ok', 5, ''] }, '/recipients/1 field.type,/recipients/2 field.type'],
    [{ all: [{ a: 1 }], plan: 'x' }, '/plan field.unknown'],
    [{ attribute: 'a', op: 'equals', value: 1, plan: 'x' }, '/plan field.unknown'],
    [{ attribute: 'a' }, '/op field.value'],
    [{ attribute: 5, op: 'equals', value: 1 }, '/attribute field.type'],
    [{ attribute: '', op: 'equals', value: 1 }, '/attribute field.value'],
    [{ attribute: 'a', op: 'equals' }, '/value field.type'],
    [{ '': 1 }, '/ field.value'],
    [{ 'a/b~c': {} }, '/a~1b~0c field.type'],
    [{ tags: ['a'] }, '/tags field.type'],
    [{ tagsNot: ['a'] }, '/tagsNot field.type'],
    [{ planIn: [] }, '/planIn field.type'],
    [{ planIn: [{}] }, '/planIn field.type'],
    [{ seenBefore: 'soon' }, '/seenBefore field.type'],
    [{ seenBefore: '2026-02-30' }, '/seenBefore field.type'],
    [{ scoreGte: true }, '/scoreGte field.type'],
    [{ attribute: 'a', op: 'exists', value: 1 }, '/value field.type'],
    [{ email: 'a@example.test' }, '/email field.value'],
    [{ createdAtBefore: 5 }, '/createdAtBefore field.type'],
    [{ createdAt: '2026-01-01' }, '/createdAt field.value'],
    [{ id: 5 }, '/id field.type'],
    [{ timeZoneIn: ['UTC', 5] }, '/timeZoneIn field.type'],
    [{ plan: 'a\u0000b' }, '/plan field.type'],
    [{ plan: '\ud800' }, '/plan field.type'],
    [{ 'a\u0000': 1 }, '/a\u0000 field.value'],
    [{ plan: 'x'.repeat(1_001) }, '/plan field.type'],
    [{ ['x'.repeat(201)]: 1 }, `/${'x'.repeat(201)} field.value`],
  ])('%j is refused', (query, expected) => {
    expect(errors(query).join()).toBe(expected);
  });

  it('has bounds: depth, conditions, recipients', () => {
    const nested = (depth: number): unknown => (depth === 1 ? { a: 1 } : { not: nested(depth - 1) });
    expect(errors(nested(8))).toEqual([]);
    expect(errors(nested(9))).toEqual([`${'/not'.repeat(8)} field.too-deep`]);
    expect(errors(many(100))).toEqual([]);
    expect(errors(many(101))).toEqual([' field.too-long']);
    expect(errors(many(1_000_000))).toEqual([' field.too-long']);
    expect(errors(ids(10_000))).toEqual([]);
    expect(errors({ any: [ids(5_001), ids(5_000)] })).toEqual([' field.too-long']);
  });

  it('never throws, and what it accepts reads the same in its canonical form', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.dictionary(
            fc.constantFrom('a', 'aIn', 'aNot', 'aExists', 'all', 'not', 'id', '__proto__'),
            fc.jsonValue(),
          ),
        ),
        (query) => {
          const parsed = parseAudienceQuery(query);
          if (parsed.kind === 'refused') return parsed.errors.length > 0;
          expect(condition(canonicalAudienceQuery(parsed.condition))).toEqual(parsed.condition);
          return true;
        },
      ),
    );
  });
});
