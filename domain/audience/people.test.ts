import { canonicalAudienceQuery } from './canonical';
import type { AudienceCondition } from './condition';
import { parseAudienceQuery } from './parse';
import { bindPeople, forgetPerson, ridsIn } from './people';

function bound(query: unknown, rids: Record<string, string>): AudienceCondition {
  const parsed = parseAudienceQuery(query);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.errors));
  return bindPeople(parsed.condition, new Map(Object.entries(rids)));
}

const people = (rids: string[], ids: string[] = []): AudienceCondition => ({ kind: 'people', rids, ids });

describe('a stored query', () => {
  it('names people by rid, however they were named', () => {
    const known = { ada: '1', bob: '2' };
    expect(bound({ recipients: ['bob', 'ada'] }, known)).toEqual(people(['2', '1']));
    expect(bound({ id: 'ada' }, known)).toEqual(people(['1']));
    expect(bound({ idIn: ['ada', 'bob'] }, known)).toEqual(people(['1', '2']));
    expect(bound({ idNot: 'ada' }, known)).toEqual({ kind: 'not', of: people(['1']) });
    expect(bound({ plan: 'x' }, known)).toEqual({
      kind: 'attribute',
      attribute: 'plan',
      op: 'equals',
      value: 'x',
    });
  });

  it('keeps the ids of those who are yet to come', () => {
    expect(bound({ recipients: ['ada', 'late', 'late'] }, { ada: '1' })).toEqual(people(['1'], ['late']));
  });

  it('is written back with the names of those who are left', () => {
    const condition = bound(
      { any: [{ recipients: ['ada', 'bob', 'late'] }, { id: 'bob' }] },
      { ada: '1', bob: '2' },
    );
    expect(canonicalAudienceQuery(condition, new Map([['1', 'ada']]))).toEqual({
      any: [{ recipients: ['ada', 'late'] }, { not: {} }],
    });
  });

  it('forgets somebody who is erased, also where an older form named them', () => {
    const condition: AudienceCondition = {
      kind: 'any',
      of: [
        people(['1'], ['ada', 'bob']),
        { kind: 'recipients', ids: ['ada'] },
        { kind: 'not', of: { kind: 'attribute', attribute: 'id', op: 'in', value: ['ada', 'bob'] } },
      ],
    };
    expect(forgetPerson(condition, 'ada')).toEqual({
      kind: 'any',
      of: [people(['1'], ['bob']), people([]), { kind: 'not', of: people([], ['bob']) }],
    });
  });

  it('tells whom it names', () => {
    expect(ridsIn(bound({ all: [{ recipients: ['ada'] }, { not: { id: 'late' } }] }, { ada: '1' }))).toEqual([
      '1',
    ]);
  });
});
