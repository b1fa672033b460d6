import { parseAudienceQuery } from './parse';
import { keepQuery, shownQuery } from './written-query';

const rids = new Map([
  ['ada', '1'],
  ['bob', '2'],
]);

function kept(query: Record<string, unknown>): Record<string, unknown> | null {
  const parsed = parseAudienceQuery(query);
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.errors));
  return keepQuery(query, parsed.condition, rids);
}

const query = {
  all: [
    { plan: 'premium', recipientsNot: 'ada' },
    { any: [{ recipients: ['bob', 'late', 'ada'] }, { not: { recipients: ['ada'] } }] },
    { attribute: 'recipients', op: 'in', value: ['ada'] },
    { segment: 'seg_1' },
  ],
};

describe('a query that names people', () => {
  it('is kept without the ids of those who exist, and shown as it was written', () => {
    const stored = kept(query);
    expect(JSON.stringify(stored?.['all'])).toContain('{"recipients":[{"rid":"2"},"late",{"rid":"1"}]}');
    expect(
      stored &&
        shownQuery(
          stored,
          new Map([
            ['1', 'ada'],
            ['2', 'bob'],
          ]),
        ),
    ).toEqual(query);
  });

  it('is shown without those who were erased', () => {
    const stored = kept(query);
    expect(stored && shownQuery(stored, new Map([['2', 'bob']]))).toMatchObject({
      all: [{}, { any: [{ recipients: ['bob', 'late'] }, { not: { not: {} } }] }, {}, {}],
    });
  });

  it('is not kept where it compares ids', () => {
    expect(kept({ plan: 'x', id: 'ada' })).toBeNull();
    expect(kept({ any: [{ not: { idIn: ['ada'] } }] })).toBeNull();
  });

  it('is any other query as it stands', () => {
    expect(kept({})).toEqual({});
    expect(kept({ notNot: 1, anyIn: ['x'] })).toEqual({ notNot: 1, anyIn: ['x'] });
  });
});
