import { loadZones } from '../../platform/zones';
import { DAY, HOUR } from '../time/instant';
import type { Instant } from '../time/instant';
import { judgeCap } from './judge';
import { capSpansOf } from './spans';

const zones = loadZones();
const shown = ({ from, to }: { from: Instant; to: Instant }): [string, string] => [
  new Date(from).toISOString(),
  new Date(to).toISOString(),
];

const lengthOf = ([from, to]: [string, string]): number => (Date.parse(to) - Date.parse(from)) / HOUR;

function calendar(zone: string, due: string) {
  const spans = capSpansOf('calendar', zones, zone, Date.parse(due));
  if (spans.kind !== 'calendar') throw new Error('These are no calendar spans.');
  return { day: shown(spans.day), week: shown(spans.week) };
}

describe('the day and week of a calendar cap', () => {
  it("are those of the person's own wall", () => {
    expect(calendar('Asia/Tokyo', '2026-12-02T20:00:00Z')).toEqual({
      day: ['2026-12-02T15:00:00.000Z', '2026-12-03T15:00:00.000Z'],
      week: ['2026-11-29T15:00:00.000Z', '2026-12-06T15:00:00.000Z'],
    });
  });

  it('begin on Monday, also for a Sunday', () => {
    expect(calendar('UTC', '2026-12-06T23:59:59Z').week).toEqual([
      '2026-11-30T00:00:00.000Z',
      '2026-12-07T00:00:00.000Z',
    ]);
    expect(calendar('UTC', '2026-12-07T00:00:00Z').week[0]).toBe('2026-12-07T00:00:00.000Z');
  });

  it('are an hour shorter or longer when the clocks change', () => {
    const spring = calendar('Europe/Paris', '2026-03-29T12:00:00Z');
    expect([lengthOf(spring.day), lengthOf(spring.week)]).toEqual([23, 167]);
    const autumn = calendar('Europe/Paris', '2026-10-25T12:00:00Z');
    expect([lengthOf(autumn.day), lengthOf(autumn.week)]).toEqual([25, 169]);
  });

  it('begin with the jump where clocks jump over midnight', () => {
    // Cairo goes from 00:00 to 01:00 on 2026-04-24.
    expect(calendar('Africa/Cairo', '2026-04-24T12:00:00Z').day[0]).toBe('2026-04-23T22:00:00.000Z');
  });

  it('let a daily message at nine pass every day of a year, over every change of the clocks', () => {
    const nine = { gap: 'forward', overlap: 'first' } as const;
    for (const zone of ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo']) {
      const sent: Instant[] = [];
      for (let day = 0; day < 365; day += 1) {
        const wall = zones.wallTimeAt('UTC', Date.parse('2026-01-01T09:00:00Z') + day * DAY);
        const { at } = zones.instantOf(zone, wall, nine);
        const spans = capSpansOf('calendar', zones, zone, at);
        expect(judgeCap(sent, at, { perDay: 1, perWeek: 7 }, spans)).toBeNull();
        expect(judgeCap([...sent, at], at, { perDay: 1, perWeek: 7 }, spans)).toBe('cap-day');
        sent.push(at);
      }
    }
  });
});
