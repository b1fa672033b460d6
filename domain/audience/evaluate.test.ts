import type { ResolvedAudience } from './condition';
import { matchesAudience } from './evaluate';
import type { AudiencePerson } from './evaluate';
import { instantOfText } from './instant-text';
import { parseAudienceQuery } from './parse';
import { expandSegments } from './segments';

const person: AudiencePerson = {
  rid: '7',
  id: 'ada',
  locale: 'de-AT',
  timeZone: 'Europe/Vienna',
  hasEmail: true,
  hasPhone: false,
  createdAt: Date.parse('2026-01-01T00:00:00Z'),
  attributes: {
    plan: 'premium',
    score: 5,
    five: '5',
    active: false,
    tags: ['a', 5],
    lastLogin: '2026-01-01T01:00:00+02:00',
    day: '2026-01-01',
    gone: null,
  },
};

function matches(query: unknown): boolean {
  const parsed = parseAudienceQuery(query);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.errors));
  return matchesAudience(expandSegments(parsed.condition, new Map()), person);
}

describe('a person', () => {
  it.each<[unknown, boolean]>([
    [{}, true],
    [{ plan: 'premium', score: 5 }, true],
    [{ plan: 'premium', score: 6 }, false],
    [{ score: '5' }, false],
    [{ five: 5 }, false],
    [{ active: false }, true],
    [{ planNot: 'free' }, true],
    [{ planNot: 'premium' }, false],
    [{ missingNot: 'x' }, true],
    [{ goneNot: 'x' }, true],
    [{ missing: 'x' }, false],
    [{ missingBefore: '2030-01-01' }, false],
    [{ missingIn: ['x'] }, false],
    [{ missingExists: false }, true],
    [{ goneExists: false }, true],
    [{ activeExists: true }, true],
    [{ tags: 'a' }, true],
    [{ tagsIn: ['z', 5] }, true],
    [{ tagsNot: 'a' }, false],
    [{ tagsGte: 1 }, false],
    [{ scoreGte: 5, scoreLte: 5 }, true],
    [{ scoreBefore: 5 }, false],
    [{ scoreAfter: 4.9 }, true],
    [{ fiveGte: 1 }, false],
    [{ scoreGte: '2020-01-01' }, false],
    [{ lastLoginBefore: '2026-01-01' }, true],
    [{ lastLoginGte: '2025-12-31T23:00:00Z', lastLoginLte: '2025-12-31T23:00:00Z' }, true],
    [{ dayGte: '2026-01-01T00:00:00Z', dayLte: '2026-01-01' }, true],
    [{ dayAfter: '2026-01-01' }, false],
    [{ planBefore: '2026-01-01' }, false],
    [{ locale: 'DE-at' }, true],
    [{ locale: 'de' }, false],
    [{ localeIn: ['en', 'de-at'] }, true],
    [{ timeZone: 'Europe/Vienna' }, true],
    [{ emailExists: true, phoneExists: false }, true],
    [{ createdAtGte: '2026-01-01', createdAtBefore: '2026-01-02' }, true],
    [{ id: 'ada' }, true],
    [{ idNot: 'ada' }, false],
    [{ recipients: ['bob', 'ada'] }, true],
    [{ not: { recipients: ['ada'] } }, false],
    [{ any: [{ plan: 'free' }, { score: 5 }] }, true],
    [{ all: [{ plan: 'free' }, { score: 5 }] }, false],
    [{ toString: 'x' }, false],
    [{ constructorExists: true }, false],
    [{ __proto__Exists: true }, false],
  ])('%j: %s', (query, expected) => {
    expect(matches(query)).toBe(expected);
    expect(matches({ not: query })).toBe(!expected);
  });

  it('is named by row id once a query is stored', () => {
    expect(matchesAudience({ kind: 'people', rids: ['5', '7'], ids: [] }, person)).toBe(true);
    expect(matchesAudience({ kind: 'people', rids: [], ids: ['ada'] }, person)).toBe(true);
    expect(matchesAudience({ kind: 'people', rids: ['8'], ids: ['bob'] }, person)).toBe(false);
  });

  it('of any shape is judged without a throw', () => {
    const odd: AudiencePerson = {
      ...person,
      locale: null,
      attributes: JSON.parse('{"__proto__":{"plan":"x"}}') as {},
    };
    const condition: ResolvedAudience = { kind: 'attribute', attribute: 'plan', op: 'exists', value: true };
    expect(matchesAudience(condition, odd)).toBe(false);
  });
});

describe('a text as an instant', () => {
  it.each([
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T09:30', '2026-01-01T09:30:00.000Z'],
    ['2026-01-01T09:30:15.5', '2026-01-01T09:30:15.500Z'],
    ['2026-01-01T09:30:15.000999Z', '2026-01-01T09:30:15.000Z'],
    ['2026-01-01T09:30:00+05:45', '2026-01-01T03:45:00.000Z'],
    ['2024-02-29T00:00:00-00:30', '2024-02-29T00:30:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(instantOfText(text) ?? Number.NaN).toISOString()).toBe(expected);
  });

  it.each([
    '',
    '2026',
    '2026-1-1',
    '2026-02-29',
    '2026-13-01',
    '0000-01-01',
    '2026-01-01 09:00',
    '2026-01-01T24:00',
    '2026-01-01T09:00:60Z',
    '2026-01-01T09:00+15:00',
    '2026-01-01T09:00z',
    ' 2026-01-01',
    '٢٠٢٦-٠١-٠١',
  ])('%j is none', (text) => {
    expect(instantOfText(text)).toBeNull();
  });
});
