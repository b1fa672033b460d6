import { arrayOf, byRid, distinct } from './columns';

describe('columns of a set', () => {
  it('are arrays as Postgres reads them', () => {
    expect(arrayOf([])).toBe('{}');
    expect(arrayOf(['1', null, 3])).toBe('{1,NULL,3}');
  });

  it('of few values are those values, and where each row has its own', () => {
    expect(distinct(['en', 'de', 'en', null], (locale) => locale)).toEqual({
      values: ['en', 'de', null],
      positions: [1, 2, 1, 3],
    });
  });

  it('are ordered by rid as by number', () => {
    expect(['10', '9', '100', '11'].toSorted(byRid)).toEqual(['9', '10', '11', '100']);
    expect(byRid('7', '7')).toBe(0);
  });
});
