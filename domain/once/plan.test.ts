import * as fc from 'fast-check';
import { HOUR } from '../time/instant';
import { UnknownZoneError } from '../time/zones';
import { planOnce } from './plan';
import type { OnceTime } from './plan';
import { instant, wall, zones } from '../../test/zones/shipped-zones';

const local = (text: string, gap: 'forward' | 'skip' = 'forward'): OnceTime => ({
  mode: 'user-local',
  nominal: wall(text),
  gap,
  overlap: 'first',
});

describe('a user-local time', () => {
  test('reaches every zone at its own instant, the east first', () => {
    const audience = ['America/New_York', 'Europe/Paris', 'Asia/Tokyo', 'Europe/Berlin', 'Asia/Kathmandu'];
    expect(planOnce(zones, local('2026-12-01T09:00'), audience)).toEqual({
      due: [
        { at: instant('2026-12-01T00:00Z'), adjusted: null, zones: ['Asia/Tokyo'] },
        { at: instant('2026-12-01T03:15Z'), adjusted: null, zones: ['Asia/Kathmandu'] },
        { at: instant('2026-12-01T08:00Z'), adjusted: null, zones: ['Europe/Berlin', 'Europe/Paris'] },
        { at: instant('2026-12-01T14:00Z'), adjusted: null, zones: ['America/New_York'] },
      ],
      skipped: [],
    });
  });

  test('says which zones were adjusted, though they share an instant with others', () => {
    // 02:30 is 03:30 in Paris that night, and simply 02:30 in Lagos, an hour behind.
    const plan = planOnce(zones, local('2026-03-29T02:30'), ['Europe/Paris', 'Africa/Lagos', 'Africa/Cairo']);
    expect(plan.due).toEqual([
      { at: instant('2026-03-29T00:30Z'), adjusted: null, zones: ['Africa/Cairo'] },
      { at: instant('2026-03-29T01:30Z'), adjusted: null, zones: ['Africa/Lagos'] },
      { at: instant('2026-03-29T01:30Z'), adjusted: 'gap', zones: ['Europe/Paris'] },
    ]);
  });

  test('with gap skip names the zones to record as skipped, each at its transition', () => {
    const audience = ['America/Chicago', 'America/New_York', 'Asia/Tokyo', 'America/Toronto'];
    const plan = planOnce(zones, local('2026-03-08T02:30', 'skip'), audience);
    expect(plan).toEqual({
      due: [{ at: instant('2026-03-07T17:30Z'), adjusted: null, zones: ['Asia/Tokyo'] }],
      skipped: [
        { at: instant('2026-03-08T07:00Z'), reason: 'gap', zones: ['America/New_York', 'America/Toronto'] },
        { at: instant('2026-03-08T08:00Z'), reason: 'gap', zones: ['America/Chicago'] },
      ],
    });
  });

  test('says overlap also under first', () => {
    expect(planOnce(zones, local('2026-10-25T02:30'), ['Europe/Paris']).due).toEqual([
      { at: instant('2026-10-25T00:30Z'), adjusted: 'overlap', zones: ['Europe/Paris'] },
    ]);
  });

  test('takes links as they are given and every zone once', () => {
    const plan = planOnce(zones, local('2026-12-01T09:00'), [
      'Asia/Kolkata',
      'Asia/Calcutta',
      'Asia/Kolkata',
    ]);
    expect(plan.due.map((group) => group.zones)).toEqual([['Asia/Calcutta', 'Asia/Kolkata']]);
  });

  test('of nobody is an empty plan', () => {
    expect(planOnce(zones, local('2026-12-01T09:00'), [])).toEqual({ due: [], skipped: [] });
  });

  test('refuses a zone that the data do not have', () => {
    expect(() => planOnce(zones, local('2026-12-01T09:00'), ['Mars/Olympus'])).toThrow(UnknownZoneError);
  });
});

const fixed = (gap: 'forward' | 'skip'): OnceTime => ({
  mode: 'fixed',
  nominal: wall('2026-03-29T02:30'),
  timeZone: 'Europe/Paris',
  gap,
  overlap: 'first',
});

describe('a fixed time', () => {
  test('is one instant for all, read in its time zone', () => {
    expect(planOnce(zones, fixed('forward'), ['Asia/Tokyo', 'America/New_York'])).toEqual({
      due: [{ at: instant('2026-03-29T01:30Z'), adjusted: 'gap', zones: ['America/New_York', 'Asia/Tokyo'] }],
      skipped: [],
    });
  });

  test('that its time zone skips is skipped for all', () => {
    expect(planOnce(zones, fixed('skip'), ['Asia/Tokyo', 'America/New_York'])).toEqual({
      due: [],
      skipped: [
        { at: instant('2026-03-29T01:00Z'), reason: 'gap', zones: ['America/New_York', 'Asia/Tokyo'] },
      ],
    });
  });

  test('may be an instant to begin with', () => {
    const at = instant('2026-03-29T01:00Z');
    expect(planOnce(zones, { mode: 'instant', at }, ['Asia/Tokyo', 'Europe/Paris']).due).toEqual([
      { at, adjusted: null, zones: ['Asia/Tokyo', 'Europe/Paris'] },
    ]);
  });
});

test('a plan holds every zone exactly once, in ascending order, within 26 hours on an ordinary day', () => {
  const days = fc
    .integer({ min: 0, max: 27 })
    .map((day) => `2026-12-${String(day + 1).padStart(2, '0')}T09:00`);
  fc.assert(
    fc.property(fc.subarray([...zones.names()], { minLength: 1 }), days, (audience, text) => {
      const { due, skipped } = planOnce(zones, local(text), audience);
      const instants = due.map(({ at }) => at);
      expect(due.flatMap((group) => group.zones).toSorted()).toEqual(audience.toSorted());
      expect(skipped).toEqual([]);
      expect(instants).toEqual(instants.toSorted((a, b) => a - b));
      expect(Math.max(...instants) - Math.min(...instants)).toBeLessThanOrEqual(26 * HOUR);
    }),
    { numRuns: 50 },
  );
});
