import { wall } from '../../test/zones/shipped-zones';
import { parseLocalDay, parseLocalTime } from './local-time';

describe('a local time', () => {
  it('is a wall time without offset', () => {
    expect(parseLocalTime('2026-12-24T18:00')).toEqual({
      kind: 'ok',
      value: { kind: 'wall', wall: wall('2026-12-24T18:00') },
    });
  });

  it.each([
    ['2026-12-24T18:00:00Z', 'sendAt'],
    ['2026-12-24T18:00:00+05:45', 'sendAt'],
    ['2026-02-30T18:00:00', 'has no day 30'],
    ['tomorrow', '2026-12-01T09:00:00'],
  ])('is not %s', (text, hint) => {
    expect(parseLocalTime(text)).toEqual({ kind: 'refused', reason: expect.stringContaining(hint) });
  });
});

describe('a day and a time of day', () => {
  it.each([
    ['today', '09:00', { kind: 'day', day: { kind: 'today' }, time: 32_400 }],
    ['tomorrow', '23:59:59', { kind: 'day', day: { kind: 'tomorrow' }, time: 86_399 }],
    ['sunday', '00:00', { kind: 'day', day: { kind: 'weekday', weekday: 0 }, time: 0 }],
    ['2028-02-29', '09:00', { kind: 'wall', wall: wall('2028-02-29T09:00') }],
  ])('are %s at %s', (day, time, value) => {
    expect(parseLocalDay(day, time)).toEqual({ kind: 'ok', value });
  });

  it.each([
    ['today', '9:00', 'time'],
    ['today', '24:00', 'time'],
    ['today', '09:00Z', 'time'],
    ['Tomorrow', '09:00', 'day'],
    ['someday', '09:00', 'day'],
    ['2027-02-29', '09:00', 'day'],
  ])('are not %s at %s', (day, time, part) => {
    expect(parseLocalDay(day, time)).toMatchObject({ kind: 'refused', part });
  });
});
