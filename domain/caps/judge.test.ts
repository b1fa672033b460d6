import fc from 'fast-check';
import { DAY, HOUR, MINUTE } from '../time/instant';
import type { Instant } from '../time/instant';
import { judgeCap } from './judge';
import type { CapLimits } from './rule';

const NINE = Date.parse('2026-12-01T09:00:00Z');
const rolling = { kind: 'rolling' } as const;
const limits = (perDay: number | null, perWeek: number | null): CapLimits => ({ perDay, perWeek });

describe('a rolling cap', () => {
  it('counts what was due less than 24 hours before, and not what was due exactly 24 hours before', () => {
    const one = limits(1, null);
    expect(judgeCap([NINE - DAY], NINE, one, rolling)).toBeNull();
    expect(judgeCap([NINE - DAY + 1], NINE, one, rolling)).toBe('cap-day');
    expect(judgeCap([NINE], NINE, one, rolling)).toBe('cap-day');
  });

  it('counts a week likewise', () => {
    const one = limits(null, 1);
    expect(judgeCap([NINE - 7 * DAY], NINE, one, rolling)).toBeNull();
    expect(judgeCap([NINE - 7 * DAY + 1], NINE, one, rolling)).toBe('cap-week');
  });

  it('lets a daily message at nine never meet itself', () => {
    const sent: Instant[] = [];
    for (let day = 0; day < 30; day += 1) {
      expect(judgeCap(sent, NINE + day * DAY, limits(1, 7), rolling)).toBeNull();
      sent.push(NINE + day * DAY);
    }
  });

  it('names the day when both are reached', () => {
    expect(judgeCap([NINE - HOUR], NINE, limits(1, 1), rolling)).toBe('cap-day');
  });

  it('lets everything pass where there is no limit', () => {
    expect(judgeCap([NINE, NINE, NINE], NINE, limits(null, null), rolling)).toBeNull();
  });

  it('looks at the windows of later messages when one comes late', () => {
    expect(judgeCap([NINE + HOUR], NINE, limits(1, null), rolling)).toBe('cap-day');
    expect(judgeCap([NINE + DAY], NINE, limits(1, null), rolling)).toBeNull();
  });

  it('is never exceeded, in whatever order messages come', () => {
    const due = fc.integer({ min: 0, max: 9 * 24 }).map((hours) => NINE + hours * HOUR);
    fc.assert(
      fc.property(
        fc.array(due, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (dues, perDay, perWeek) => {
          const sent: Instant[] = [];
          for (const at of dues) {
            if (judgeCap(sent, at, limits(perDay, perWeek), rolling) === null) sent.push(at);
          }
          for (const end of sent) {
            expect(sent.filter((at) => at > end - DAY && at <= end).length).toBeLessThanOrEqual(perDay);
            expect(sent.filter((at) => at > end - 7 * DAY && at <= end).length).toBeLessThanOrEqual(perWeek);
          }
        },
      ),
    );
  });
});

describe('a calendar cap', () => {
  const day = { from: NINE - 9 * HOUR, to: NINE + 15 * HOUR };
  const week = { from: day.from - DAY, to: day.from + 6 * DAY };
  const spans = { kind: 'calendar', day, week } as const;

  it('counts what lies in the same day, before or after', () => {
    const one = limits(1, null);
    expect(judgeCap([day.from - 1, day.to], NINE, one, spans)).toBeNull();
    expect(judgeCap([day.from], NINE, one, spans)).toBe('cap-day');
    expect(judgeCap([day.to - MINUTE], NINE, one, spans)).toBe('cap-day');
  });

  it('counts what lies in the same week', () => {
    expect(judgeCap([week.from - 1, week.to], NINE, limits(3, 1), spans)).toBeNull();
    expect(judgeCap([week.to - 1], NINE, limits(3, 1), spans)).toBe('cap-week');
  });
});
