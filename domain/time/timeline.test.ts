import { instantsOnTimeline } from './placement';
import { changesBetween, offsetAt, timelineOf } from './timeline';
import type { Timeline } from './timeline';
import { instant, wall } from '../../test/zones/shipped-zones';

const second = (text: string): number => instant(text) / 1_000;

/** Changes from the first instant (exclusive) to the second (inclusive), with the hours of the offset that follows. */
function changes(timeline: Timeline, after: string, upTo: string): readonly string[] {
  return changesBetween(timeline, second(after), second(upTo)).map(
    (change) => `${new Date(change.at * 1_000).toISOString().slice(0, 16)} ${change.after / 3_600}`,
  );
}

describe('a zone that changes at New Year', () => {
  const eastern = timelineOf({ first: 43_200, at: [], offset: [], rule: 'AAA-12BBB,J1/0,J180/0' });
  const western = timelineOf({ first: -43_200, at: [], offset: [], rule: 'AAA12BBB,J180/0,J365/23' });

  test('may change in the UTC year before', () => {
    expect(changes(eastern, '2026-12-01T00:00Z', '2026-12-31T23:00Z')).toEqual(['2026-12-31T12:00 13']);
    expect(offsetAt(eastern, second('2026-12-31T11:59Z'))).toBe(43_200);
    expect(offsetAt(eastern, second('2026-12-31T12:00Z'))).toBe(46_800);
  });

  test('may change in the UTC year after', () => {
    expect(changes(western, '2027-01-01T00:00Z', '2027-01-02T00:00Z')).toEqual(['2027-01-01T10:00 -12']);
    expect(offsetAt(western, second('2027-01-01T09:59Z'))).toBe(-39_600);
    expect(offsetAt(western, second('2027-01-01T10:00Z'))).toBe(-43_200);
  });
});

describe('a zone with listed changes', () => {
  const at = [second('2026-01-01T00:00Z'), second('2026-01-01T10:00Z'), second('2026-02-01T00:00Z')];
  const twice = timelineOf({ first: 0, at, offset: [3_600, 0, 0], rule: 'UTC0' });

  test('leaves the first bound out and takes the last one in', () => {
    expect(changes(twice, '2025-12-31T23:59Z', '2026-01-01T10:00Z')).toEqual([
      '2026-01-01T00:00 1',
      '2026-01-01T10:00 0',
    ]);
    expect(changes(twice, '2026-01-01T00:00Z', '2026-01-01T09:59Z')).toEqual([]);
  });

  test('does not count as a change what leaves the offset as it was', () => {
    expect(changes(twice, '2026-01-15T00:00Z', '2026-03-01T00:00Z')).toEqual([]);
  });

  test('may jump forth and back within hours', () => {
    expect(instantsOnTimeline(twice, wall('2026-01-01T00:30'))).toEqual([]);
    expect(instantsOnTimeline(twice, wall('2026-01-01T01:00'))).toEqual([instant('2026-01-01T00:00Z')]);
    expect(instantsOnTimeline(twice, wall('2026-01-01T10:30'))).toEqual([
      instant('2026-01-01T09:30Z'),
      instant('2026-01-01T10:30Z'),
    ]);
    expect(instantsOnTimeline(twice, wall('2026-01-01T11:00'))).toEqual([instant('2026-01-01T11:00Z')]);
  });
});
