import { parseRunAt } from './run-at';
import { instant, wall } from '../../test/zones/shipped-zones';

describe('runAt', () => {
  test('without an offset is a wall time', () => {
    expect(parseRunAt('2026-12-01T09:00:00')).toEqual({
      kind: 'ok',
      value: { kind: 'wall', wall: wall('2026-12-01T09:00') },
    });
  });

  test.each(['2026-12-01T09:00:00Z', '2026-12-01T14:30:00+05:30', '2026-12-01T04:00-05:00'])(
    'with Z or an offset is an instant: %s',
    (text) => {
      expect(parseRunAt(text)).toEqual({
        kind: 'ok',
        value: { kind: 'instant', at: instant('2026-12-01T09:00:00Z') },
      });
    },
  );

  test.each([
    ['2026-02-30T09:00', '2026-02 has no day 30'],
    ['2026-02-30T09:00Z', '2026-02 has no day 30'],
    ['2026-12-01T24:00+01:00', 'hours run from 00 to 23, not 24'],
    ['2026-12-01T09:00+99:00', 'has an offset that does not exist'],
  ])('%s is refused: %s', (text, reason) => {
    expect(parseRunAt(text)).toEqual({ kind: 'refused', reason });
  });

  test.each(['', 'tomorrow', '2026-12-01', '2026-12-01T09', '09:00', '2026-12-01T09:00 Europe/Paris'])(
    '%j is refused',
    (text) => {
      expect(parseRunAt(text).kind).toBe('refused');
    },
  );
});
