import { DAY, HOUR, formatInstant } from './instant';
import { formatOffset } from './offset';
import { addDays, formatWallTime, weekdayOf } from './wall-time';
import { createZones, UnknownZoneError } from './zones';
import type { GapPolicy, OverlapPolicy } from './zones';
import { instant, wall, zones } from '../../test/zones/shipped-zones';

/** Where a wall time goes in a zone: its instant and what the clock shows there, or the instant of the skip. */
function placed(zone: string, local: string, gap: GapPolicy = 'forward', overlap: OverlapPolicy = 'first') {
  const placement = zones.instantOf(zone, wall(local), { gap, overlap });
  const at = formatInstant(placement.at);
  return placement.kind === 'skipped'
    ? { skipped: at }
    : { at, shows: formatWallTime(zones.wallTimeAt(zone, placement.at)), adjusted: placement.adjusted };
}

const offset = (zone: string, at: string): string => formatOffset(zones.offsetAt(zone, instant(at)));

const everyOffset = (at: string): number[] => zones.names().map((name) => zones.offsetAt(name, instant(at)));

describe('zone rules are the data file, not what the runtime carries', () => {
  test('the file is tz 2026f', () => {
    expect(zones.version).toBe('2026f');
  });

  test('Morocco has UTC+0 for good from autumn 2026', () => {
    expect(offset('Africa/Casablanca', '2026-07-01T00:00Z')).toBe('+01:00');
    expect(offset('Africa/Casablanca', '2026-12-01T00:00Z')).toBe('+00:00');
    expect(
      zones.transitions('Africa/Casablanca', instant('2026-10-01T00:00Z'), instant('2090-01-01T00:00Z')),
    ).toEqual([]);
  });

  test.each([
    ['America/Vancouver', 'British Columbia', '-07:00'],
    ['America/Edmonton', 'Alberta', '-06:00'],
    ['America/Winnipeg', 'Manitoba', '-05:00'],
  ])('%s: %s keeps its summer time %s from 2026', (zone, _, expected) => {
    expect(offset(zone, '2026-12-15T00:00Z')).toBe(expected);
    expect(offset(zone, '2027-07-01T00:00Z')).toBe(expected);
    expect(placed(zone, '2027-03-14T02:30')).toMatchObject({ adjusted: null });
  });

  test('Cuba stays on summer time through the winter of 2026, then changes again', () => {
    expect(offset('America/Havana', '2026-12-15T00:00Z')).toBe('-04:00');
    expect(offset('America/Havana', '2027-12-15T00:00Z')).toBe('-05:00');
  });
});

describe('accepted names are exactly those in the file', () => {
  test('links are accepted and kept as given', () => {
    for (const name of ['Asia/Calcutta', 'EST', 'US/Pacific', 'Etc/GMT+12', 'UTC']) {
      expect(zones.has(name)).toBe(true);
      expect(zones.names()).toContain(name);
    }
    expect(zones.resolveName('Asia/Calcutta')).toBe('Asia/Kolkata');
    expect(zones.resolveName('Asia/Kolkata')).toBe('Asia/Kolkata');
    expect(offset('EST', '2026-07-01T00:00Z')).toBe('-05:00');
  });

  test.each([
    'UTC+2',
    'PST',
    'Paris',
    'europe/paris',
    '',
    'Factory',
    'localtime',
    'posixrules',
    '__proto__',
    'constructor',
  ])('%j is unknown everywhere', (name) => {
    const policies = { gap: 'forward', overlap: 'first' } as const;
    expect(zones.has(name)).toBe(false);
    expect(() => zones.offsetAt(name, 0)).toThrow(UnknownZoneError);
    expect(() => zones.instantOf(name, wall('2026-01-01T00:00'), policies)).toThrow(UnknownZoneError);
    expect(() => zones.resolveName(name)).toThrow(UnknownZoneError);
  });

  test('the error carries the suggestion', () => {
    expect(() => zones.offsetAt('Amercia/New_York', 0)).toThrow(
      expect.objectContaining({
        zone: 'Amercia/New_York',
        suggestions: ['America/New_York'],
        message: 'unknown time zone "Amercia/New_York"; did you mean America/New_York?',
      }),
    );
  });

  test('a country has its zones, most have one', () => {
    expect(zones.zonesOfCountry('FR')).toEqual(['Europe/Paris']);
    expect(zones.zonesOfCountry('IN')).toEqual(['Asia/Kolkata']);
    expect(zones.zonesOfCountry('US').length).toBeGreaterThan(20);
    expect(zones.zonesOfCountry('XX')).toEqual([]);
    expect(zones.zonesOfCountry('constructor')).toEqual([]);
  });
});

describe('offsets', () => {
  test('run from -12:00 to +14:00 in quarter hours', () => {
    for (const at of ['2026-01-15T00:00Z', '2026-07-15T00:00Z']) {
      expect(Math.min(...everyOffset(at))).toBe(-12 * 3_600);
      expect(Math.max(...everyOffset(at))).toBe(14 * 3_600);
      expect(everyOffset(at).filter((seconds) => seconds % 900 !== 0)).toEqual([]);
    }
  });

  test.each([
    ['Asia/Kathmandu', '+05:45'],
    ['Australia/Eucla', '+08:45'],
    ['Pacific/Chatham', '+12:45'],
    ['America/St_Johns', '-02:30'],
    ['Pacific/Marquesas', '-09:30'],
  ])('%s has %s in July 2026', (zone, expected) => {
    expect(offset(zone, '2026-07-15T00:00Z')).toBe(expected);
  });

  test('are exact to the second in the days of local mean time', () => {
    expect(offset('Europe/Paris', '1890-01-01T00:00Z')).toBe('+00:09:21');
    expect(formatWallTime(zones.wallTimeAt('Europe/Paris', instant('1890-01-01T00:00Z')))).toBe(
      '1890-01-01T00:09:21',
    );
  });

  test('change at the transition and not a millisecond before', () => {
    const at = instant('2026-03-29T01:00Z');
    expect(zones.offsetAt('Europe/Paris', at - 1)).toBe(3_600);
    expect(zones.offsetAt('Europe/Paris', at)).toBe(7_200);
  });
});

describe('a wall time that does not exist', () => {
  // Paris, 29 March 2026: 02:00 to 03:00 is missing.
  test('gap forward (default): by the offset before the gap, so 02:30 becomes 03:30', () => {
    expect(placed('Europe/Paris', '2026-03-29T02:30')).toEqual({
      at: '2026-03-29T01:30:00.000Z',
      shows: '2026-03-29T03:30:00',
      adjusted: 'gap',
    });
  });

  test('gap backward: by the offset after the gap, so 02:30 becomes 01:30', () => {
    expect(placed('Europe/Paris', '2026-03-29T02:30', 'backward')).toEqual({
      at: '2026-03-29T00:30:00.000Z',
      shows: '2026-03-29T01:30:00',
      adjusted: 'gap',
    });
  });

  test('gap at-transition: the first instant after the gap', () => {
    expect(placed('Europe/Paris', '2026-03-29T02:30', 'at-transition')).toEqual({
      at: '2026-03-29T01:00:00.000Z',
      shows: '2026-03-29T03:00:00',
      adjusted: 'gap',
    });
  });

  test('gap skip: nothing is sent, and the skip is recorded at the transition', () => {
    expect(placed('Europe/Paris', '2026-03-29T02:30', 'skip')).toEqual({
      skipped: '2026-03-29T01:00:00.000Z',
    });
  });

  test.each(['forward', 'backward', 'at-transition', 'skip'] as const)(
    'the gap is half open: its end exists, its start does not (%s)',
    (gap) => {
      expect(placed('Europe/Paris', '2026-03-29T03:00', gap)).toMatchObject({ adjusted: null });
      expect(placed('Europe/Paris', '2026-03-29T01:59:59', gap)).toMatchObject({ adjusted: null });
      expect(placed('Europe/Paris', '2026-03-29T02:00', gap)).not.toMatchObject({ adjusted: null });
    },
  );
});

describe('a wall time that exists twice', () => {
  // Paris, 25 October 2026: 02:00 to 03:00 comes twice.
  test('overlap first (default)', () => {
    expect(placed('Europe/Paris', '2026-10-25T02:30')).toEqual({
      at: '2026-10-25T00:30:00.000Z',
      shows: '2026-10-25T02:30:00',
      adjusted: 'overlap',
    });
  });

  test('overlap second', () => {
    expect(placed('Europe/Paris', '2026-10-25T02:30', 'forward', 'second')).toEqual({
      at: '2026-10-25T01:30:00.000Z',
      shows: '2026-10-25T02:30:00',
      adjusted: 'overlap',
    });
  });

  test('its start is ambiguous and its end is not', () => {
    expect(placed('Europe/Paris', '2026-10-25T02:00')).toMatchObject({ adjusted: 'overlap' });
    expect(placed('Europe/Paris', '2026-10-25T03:00')).toMatchObject({ adjusted: null });
  });
});

describe('none of it is special code', () => {
  test('Lord Howe shifts by 30 minutes', () => {
    expect(placed('Australia/Lord_Howe', '2026-10-04T02:15')).toMatchObject({
      shows: '2026-10-04T02:45:00',
      adjusted: 'gap',
    });
    expect(placed('Australia/Lord_Howe', '2026-04-05T01:45')).toMatchObject({
      at: '2026-04-04T14:45:00.000Z',
      adjusted: 'overlap',
    });
    expect(placed('Australia/Lord_Howe', '2026-04-05T01:45', 'forward', 'second')).toMatchObject({
      at: '2026-04-04T15:15:00.000Z',
    });
    expect(placed('Australia/Lord_Howe', '2026-04-05T01:15')).toMatchObject({ adjusted: null });
  });

  test('Troll shifts by two hours', () => {
    expect(placed('Antarctica/Troll', '2026-03-29T01:30')).toMatchObject({
      shows: '2026-03-29T03:30:00',
      adjusted: 'gap',
    });
    expect(placed('Antarctica/Troll', '2026-03-29T02:30', 'backward')).toMatchObject({
      shows: '2026-03-29T00:30:00',
    });
    expect(placed('Antarctica/Troll', '2026-10-25T01:30', 'forward', 'second')).toMatchObject({
      at: '2026-10-25T01:30:00.000Z',
    });
  });

  test('Samoa had no 2011-12-30: the whole day follows the gap policy', () => {
    expect(placed('Pacific/Apia', '2011-12-30T09:00')).toMatchObject({
      shows: '2011-12-31T09:00:00',
      adjusted: 'gap',
    });
    expect(placed('Pacific/Apia', '2011-12-30T09:00', 'backward')).toMatchObject({
      shows: '2011-12-29T09:00:00',
    });
    expect(placed('Pacific/Apia', '2011-12-30T09:00', 'at-transition')).toMatchObject({
      shows: '2011-12-31T00:00:00',
    });
    expect(placed('Pacific/Apia', '2011-12-30T09:00', 'skip')).toEqual({
      skipped: '2011-12-30T10:00:00.000Z',
    });
  });

  test('Kwajalein had no 1993-08-21', () => {
    expect(placed('Pacific/Kwajalein', '1993-08-21T12:00')).toMatchObject({
      shows: '1993-08-22T12:00:00',
      adjusted: 'gap',
    });
    expect(placed('Kwajalein', '1993-08-21T12:00', 'backward')).toMatchObject({
      shows: '1993-08-20T12:00:00',
    });
  });

  test("Nuuk's gap is on Saturday evening", () => {
    const missing = wall('2026-03-28T23:30');
    expect(weekdayOf(missing)).toBe(6);
    expect(zones.instantsOf('America/Nuuk', missing)).toEqual([]);
    expect(placed('America/Nuuk', '2026-03-28T23:30')).toMatchObject({
      shows: '2026-03-29T00:30:00',
      adjusted: 'gap',
    });
  });

  test("Ireland's winter time is the negative one", () => {
    expect(offset('Europe/Dublin', '2026-07-01T00:00Z')).toBe('+01:00');
    expect(offset('Europe/Dublin', '2026-12-01T00:00Z')).toBe('+00:00');
    expect(placed('Europe/Dublin', '2026-03-29T01:30')).toMatchObject({
      shows: '2026-03-29T02:30:00',
      adjusted: 'gap',
    });
    expect(placed('Europe/Dublin', '2026-10-25T01:30')).toMatchObject({ adjusted: 'overlap' });
  });

  test("Gaza's rule counts fifty hours from a Thursday", () => {
    expect(placed('Asia/Gaza', '2060-03-27T02:30')).toMatchObject({
      shows: '2060-03-27T03:30:00',
      adjusted: 'gap',
    });
  });

  test('a gap at midnight moves the first minutes of a day', () => {
    expect(placed('America/Havana', '2028-03-12T00:30')).toMatchObject({
      shows: '2028-03-12T01:30:00',
      adjusted: 'gap',
    });
  });
});

describe('the far future follows the rule of the zone', () => {
  test('Paris still changes in 2060, and in 2460', () => {
    expect(placed('Europe/Paris', '2060-03-28T02:30')).toMatchObject({ adjusted: 'gap' });
    expect(placed('Europe/Paris', '2060-07-01T09:00')).toMatchObject({
      at: '2060-07-01T07:00:00.000Z',
      adjusted: null,
    });
    expect(placed('Europe/Paris', '2060-12-01T09:00')).toMatchObject({ at: '2060-12-01T08:00:00.000Z' });
    expect(placed('Europe/Paris', '2060-10-31T02:30')).toMatchObject({ adjusted: 'overlap' });
    expect(placed('Europe/Paris', '2460-07-01T09:00')).toMatchObject({ at: '2460-07-01T07:00:00.000Z' });
  });

  test('Auckland begins every year in summer', () => {
    expect(offset('Pacific/Auckland', '2060-01-01T00:00Z')).toBe('+13:00');
    expect(offset('Pacific/Auckland', '2060-06-01T00:00Z')).toBe('+12:00');
  });
});

describe('transitions', () => {
  test('are the changes of offset in a span, start included and end not', () => {
    const start = instant('2026-03-29T01:00Z');
    const end = instant('2026-10-25T01:00Z');
    const summer = { at: start, offsetBefore: 3_600, offsetAfter: 7_200 };
    expect(zones.transitions('Europe/Paris', start, end)).toEqual([summer]);
    expect(zones.transitions('Europe/Paris', start, end + 1)).toEqual([
      summer,
      { at: end, offsetBefore: 7_200, offsetAfter: 3_600 },
    ]);
    expect(zones.transitions('Europe/Paris', start + 1, end)).toEqual([]);
  });

  test('join the list and the rule without a seam', () => {
    const years = zones.transitions(
      'Europe/Paris',
      instant('1980-01-01T00:00Z'),
      instant('2080-01-01T00:00Z'),
    );
    expect(years).toHaveLength(200);
    expect(years.filter(({ offsetAfter }, n) => offsetAfter !== (n % 2 === 0 ? 7_200 : 3_600))).toEqual([]);
  });

  test('need bounds', () => {
    expect(() => zones.transitions('Europe/Paris', 0, Infinity)).toThrow(RangeError);
  });
});

test('one wall time goes round the world in 26 hours', () => {
  const morning = wall('2026-12-01T09:00');
  const instants = zones
    .names()
    .map((name) => zones.instantOf(name, morning, { gap: 'skip', overlap: 'first' }).at);
  expect(Math.max(...instants) - Math.min(...instants)).toBe(26 * HOUR);
});

test('a wall time keeps its hour from day to day, whatever the clocks do', () => {
  const shown = Array.from({ length: 366 }, (_, day) => {
    const morning = addDays(wall('2026-01-01T09:00'), day);
    const { at } = zones.instantOf('America/New_York', morning, { gap: 'forward', overlap: 'first' });
    return zones.wallTimeAt('America/New_York', at) - morning;
  });
  expect(new Set(shown)).toEqual(new Set([0]));
});

test('data that miss a zone cannot invent one', () => {
  const bare = createZones({ version: 'bare', zones: {}, links: { Alias: 'Nowhere' }, countries: {} });
  expect(() => bare.offsetAt('Alias', DAY)).toThrow(UnknownZoneError);
});
