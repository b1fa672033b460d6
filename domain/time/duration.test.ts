import { parseDuration } from './duration';

describe('a duration', () => {
  test.each([
    ['PT90S', 90_000],
    ['PT30M', 1_800_000],
    ['PT1H30M', 5_400_000],
    ['P1D', 86_400_000],
    ['P1DT2H', 93_600_000],
    ['P2W', 14 * 86_400_000],
    ['PT0.25S', 250],
    ['PT0S', 0],
  ])('%s is %d milliseconds; a day is 24 hours', (text, milliseconds) => {
    expect(parseDuration(text)).toEqual({ kind: 'ok', value: milliseconds });
  });

  test.each(['P1M', 'P1Y', 'P1Y2M3D', 'P1YT1H'])('%s is refused: months and years vary in length', (text) => {
    expect(parseDuration(text)).toEqual({
      kind: 'refused',
      reason: 'must not have years or months: their length varies; use days',
    });
  });

  test.each([
    '',
    'P',
    'PT',
    'P1DT',
    '1D',
    'PT1',
    'pt1s',
    'PT1.5H',
    '-PT1S',
    'P-1D',
    'PT1S ',
    'PT1M1H',
    'T1S',
  ])('%j is no duration', (text) => {
    expect(parseDuration(text)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('such as'),
    });
  });

  test('of more than a century is refused', () => {
    expect(parseDuration('P36526D')).toEqual({
      kind: 'refused',
      reason: 'must not be longer than 100 years',
    });
    expect(parseDuration('PT99999999999999999999S').kind).toBe('refused');
  });
});
