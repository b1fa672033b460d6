import * as fc from 'fast-check';
import { formatInstant, parseInstant } from './instant';
import { instant } from '../../test/zones/shipped-zones';

describe('an instant in words', () => {
  test('is read with Z, with an offset, with and without seconds and milliseconds', () => {
    const at = Date.UTC(2026, 11, 1, 9);
    expect(instant('2026-12-01T09:00:00.000Z')).toBe(at);
    expect(instant('2026-12-01T09:00Z')).toBe(at);
    expect(instant('2026-12-01T14:45:00+05:45')).toBe(at);
    expect(instant('2026-11-30T23:30:00-09:30')).toBe(at);
    expect(instant('2026-12-01T09:00:00.25Z')).toBe(at + 250);
  });

  test.each([
    '2026-12-01T09:00:00',
    '2026-12-01T09:00:00z',
    '2026-02-30T09:00:00Z',
    '2026-12-01T24:00:00Z',
    '2026-12-01T09:00:60Z',
    '2026-12-01T09:00:00+24:00',
    '2026-12-01T09:00:00+01:60',
    '2026-12-01T09:00:00+0100',
    '2026-12-01T09:00:00.1234Z',
    '1764579600000',
  ])('%s is refused', (text) => {
    expect(parseInstant(text).kind).toBe('refused');
  });

  test('is written as the runtime writes it, and read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(9_999, 0) }), (at) => {
        expect(formatInstant(at)).toBe(new Date(at).toISOString());
        expect(instant(formatInstant(at))).toBe(at);
      }),
    );
  });
});
