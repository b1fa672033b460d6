import { changesOfYear, parsePosixRule } from './posix-rule';

/** The rule's changes in `year` as instants in UTC with the offset in hours that follows. */
function changes(rule: string, year: number): readonly string[] {
  return changesOfYear(parsePosixRule(rule), year).map(
    ({ at, offset }) =>
      `${new Date(Date.UTC(year, 0) + at * 1_000).toISOString().slice(0, 19)} ${offset / 3_600}`,
  );
}

describe('the rule for the time after the last listed change', () => {
  test('counts offsets west of Greenwich, as POSIX does', () => {
    expect(parsePosixRule('EST5').standardOffset).toBe(-18_000);
    expect(parsePosixRule('<+0545>-5:45').standardOffset).toBe(20_700);
    expect(parsePosixRule('<TEST>-00:00:03').standardOffset).toBe(3);
  });

  test('moves the clock one hour at two in the morning unless it says otherwise', () => {
    expect(changes('CET-1CEST,M3.5.0,M10.5.0/3', 2026)).toEqual([
      '2026-03-29T01:00:00 2',
      '2026-10-25T01:00:00 1',
    ]);
  });

  test('takes week five as the last such weekday of its month, December included', () => {
    expect(changes('AAA0BBB,M2.5.0/0,M12.5.4/0', 2026)).toEqual([
      '2026-02-22T00:00:00 1',
      '2026-12-30T23:00:00 0',
    ]);
  });

  test('ends before it begins on the southern half', () => {
    expect(changes('NZST-12NZDT,M9.5.0,M4.1.0/3', 2026)).toEqual([
      '2026-04-04T14:00:00 12',
      '2026-09-26T14:00:00 13',
    ]);
  });

  test('may have a negative daylight saving time, as Dublin does in winter', () => {
    expect(changes('IST-1GMT0,M10.5.0,M3.5.0/1', 2026)).toEqual([
      '2026-03-29T01:00:00 1',
      '2026-10-25T01:00:00 0',
    ]);
  });

  test('may change before midnight or days later', () => {
    expect(changes('<-02>2<-01>,M3.5.0/-1,M10.5.0/0', 2026)[0]).toBe('2026-03-29T01:00:00 -1');
    expect(changes('EET-2EEST,M3.4.4/50,M10.4.4/50', 2026)[0]).toBe('2026-03-28T00:00:00 3');
  });

  test('counts a Julian day without February 29th and an ordinal day with it', () => {
    expect(changes('AAA0BBB,J60/0,J365/0', 2024)).toEqual(['2024-03-01T00:00:00 1', '2024-12-30T23:00:00 0']);
    expect(changes('AAA0BBB,59/0,364/0', 2024)).toEqual(['2024-02-29T00:00:00 1', '2024-12-29T23:00:00 0']);
  });

  test('changes nothing without a daylight saving time', () => {
    expect(changes('MST7', 2026)).toEqual([]);
  });

  test.each([
    '',
    'CET',
    'C-1',
    'CET-1CEST',
    'CET-1CEST,M3.5.0',
    'CET-1CEST,M3.6.0,M10.5.0',
    'CET-1CEST,M13.5.0,M10.5.0',
    'CET-1CEST,M3.5.7,M10.5.0',
    'CET-1CEST,J0,J365',
    'CET-1CEST,J366,J1',
    'CET-1CEST,366,1',
    'CET-25',
    'CET-1CEST,M3.5.0/168,M10.5.0',
    'CET-1\n',
  ])('%j is no rule', (text) => {
    expect(() => parsePosixRule(text)).toThrow(RangeError);
  });
});
