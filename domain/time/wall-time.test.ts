import * as fc from 'fast-check';
import {
  addDays,
  formatWallTime,
  parseWallTime,
  wallTimeFromSeconds,
  wallTimeParts,
  weekdayOf,
} from './wall-time';
import type { WallTime } from './wall-time';
import { wall } from '../../test/zones/shipped-zones';

const anyWall = fc
  .integer({ min: Date.UTC(1, 0) / 1_000, max: Date.UTC(9_999, 11, 31) / 1_000 })
  .map(wallTimeFromSeconds);

function byRuntime(any: WallTime): unknown {
  const date = new Date(any * 1_000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
  };
}

describe('a wall time', () => {
  test('is read with and without seconds', () => {
    expect(wall('2026-12-01T09:00')).toBe(wall('2026-12-01T09:00:00'));
    expect(wall('1970-01-01T00:00:01')).toBe(1);
    expect(wall('1969-12-31T23:59:59')).toBe(-1);
  });

  test.each([
    ['2026-02-30T09:00', '2026-02 has no day 30'],
    ['2026-02-29T09:00', '2026-02 has no day 29'],
    ['1900-02-29T09:00', '1900-02 has no day 29'],
    ['2026-04-31T09:00', '2026-04 has no day 31'],
    ['2026-04-00T09:00', '2026-04 has no day 00'],
    ['2026-13-01T09:00', 'there is no month 13'],
    ['2026-00-01T09:00', 'there is no month 00'],
    ['2026-12-01T24:00', 'hours run from 00 to 23, not 24'],
    ['2026-12-01T09:60', 'minutes run from 00 to 59, not 60'],
    ['2026-12-01T23:59:60', 'seconds run from 00 to 59, not 60'],
  ])('%s is refused because %s', (text, reason) => {
    expect(parseWallTime(text)).toEqual({ kind: 'refused', reason });
  });

  test.each([
    '',
    '2026-12-01',
    '2026-12-01 09:00',
    '2026-12-01T9:00',
    '2026-12-01T09:00:00.000',
    '2026-12-01T09:00Z',
    '2026-12-01T09:00+01:00',
    '+002026-12-01T09:00',
    ' 2026-12-01T09:00',
    '2026-12-01T09:00\n',
    '２０２６-12-01T09:00',
  ])('%j is no wall time', (text) => {
    expect(parseWallTime(text)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('such as'),
    });
  });

  test('has leap days in 2000 and 2024, as the Gregorian calendar says', () => {
    expect(formatWallTime(addDays(wall('2000-02-28T12:00'), 1))).toBe('2000-02-29T12:00:00');
    expect(formatWallTime(addDays(wall('2024-03-01T12:00'), -1))).toBe('2024-02-29T12:00:00');
    expect(formatWallTime(addDays(wall('2100-02-28T12:00'), 1))).toBe('2100-03-01T12:00:00');
  });

  test('knows its weekday, Sunday being 0', () => {
    expect(weekdayOf(wall('2026-03-29T23:59:59'))).toBe(0);
    expect(weekdayOf(wall('1970-01-01T00:00'))).toBe(4);
    expect(weekdayOf(wall('1900-01-01T00:00'))).toBe(1);
  });

  test('is signed and longer outside the years 0000 to 9999', () => {
    expect(formatWallTime(addDays(wall('9999-12-31T10:00'), 1))).toBe('+010000-01-01T10:00:00');
    expect(formatWallTime(addDays(wall('0000-01-01T10:00'), -1))).toBe('-000001-12-31T10:00:00');
  });

  test('has no fraction of a second', () => {
    expect(() => wallTimeFromSeconds(0.5)).toThrow(RangeError);
  });

  test('reads back what it writes', () => {
    fc.assert(
      fc.property(anyWall, (any) => {
        expect(wall(formatWallTime(any))).toBe(any);
      }),
    );
  });

  test('agrees with the calendar of the runtime', () => {
    fc.assert(
      fc.property(anyWall, (any) => {
        expect({ ...wallTimeParts(any), weekday: weekdayOf(any) }).toEqual(byRuntime(any));
      }),
      { numRuns: 2_000 },
    );
  });
});
