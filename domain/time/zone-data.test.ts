import { parseZoneData } from './zone-data';
import { createZones } from './zones';
import { wall } from '../../test/zones/shipped-zones';

const steady = { first: 0, at: [], offset: [], rule: 'UTC0' };
const paris = { first: 561, at: [0, 100], offset: [0, 3_600], rule: 'CET-1CEST,M3.5.0,M10.5.0/3' };
const good = {
  version: '2026f',
  zones: { UTC: steady, 'Europe/Paris': paris },
  links: { Zulu: 'UTC' },
  countries: { FR: ['Europe/Paris'] },
};
const withParis = (change: object): unknown => ({
  ...good,
  zones: { 'Europe/Paris': { ...paris, ...change } },
  links: {},
});

describe('zone data from outside', () => {
  test('are taken over whole when they are right', () => {
    expect(parseZoneData(structuredClone(good))).toEqual(good);
  });

  test.each([
    ['null', null, 'the zone data must be an object'],
    ['a list', [], 'the zone data must be an object'],
    ['an unknown field', { ...good, extra: 1 }, 'the zone data has an unknown field: extra'],
    ['no version', { ...good, version: '' }, 'version must be a short text such as "2026f"'],
    ['no zones', { ...good, zones: {} }, 'zones is empty'],
    ['a bad name', { ...good, zones: { '../etc': steady } }, 'zones: not a zone name: ../etc'],
    ['a zone that is a text', { ...good, zones: { UTC: 'UTC0' } }, 'zones[UTC] must be an object'],
    ['an unknown field of a zone', withParis({ dst: 1 }), 'zones[Europe/Paris] has an unknown field: dst'],
    ['a fraction', withParis({ first: 0.5 }), 'zones[Europe/Paris].first must be a whole number of seconds'],
    [
      'an offset beyond a day',
      withParis({ offset: [0, 93_600] }),
      'zones[Europe/Paris].offset[1] is no offset from UTC',
    ],
    ['changes that are no list', withParis({ at: {} }), 'zones[Europe/Paris].at must be an array'],
    ['changes out of order', withParis({ at: [100, 100] }), 'zones[Europe/Paris].at[1] is out of order'],
    ['too few offsets', withParis({ offset: [0] }), 'zones[Europe/Paris] needs as many offsets as changes'],
    ['no rule', withParis({ rule: undefined }), 'zones[Europe/Paris].rule must be a text'],
    [
      'a rule that is none',
      withParis({ rule: 'CET' }),
      'zones[Europe/Paris].rule: not a POSIX zone rule: CET',
    ],
    [
      'a rule that jumps',
      withParis({ rule: 'EET-2' }),
      'zones[Europe/Paris].rule does not continue the last offset',
    ],
    ['a link to nowhere', { ...good, links: { Zulu: 'Mars' } }, 'links[Zulu] must name one of the zones'],
    [
      'a link to a link',
      { ...good, links: { A: 'Zulu', Zulu: 'UTC' } },
      'links[A] must name one of the zones',
    ],
    ['a link over a zone', { ...good, links: { UTC: 'UTC' } }, 'links[UTC] is the name of a zone too'],
    [
      'a long country',
      { ...good, countries: { FRA: ['UTC'] } },
      'countries[FRA]: a country is two capital letters',
    ],
    [
      'a country elsewhere',
      { ...good, countries: { FR: ['Mars'] } },
      'countries[FR] must hold names of zones or links only',
    ],
    ['an empty country', { ...good, countries: { FR: [] } }, 'countries[FR] is empty'],
  ])('with %s are refused', (_, data, message) => {
    expect(() => parseZoneData(data)).toThrow(expect.objectContaining({ name: 'ZoneDataError', message }));
  });

  test('may keep daylight saving time all year, which changes nothing at New Year (RFC 9636 section 3.3.1)', () => {
    const rules = { first: -14_400, at: [], offset: [], rule: 'XXX3EDT4,0/0,J365/23' };
    const zones = createZones(
      parseZoneData({ ...good, zones: { 'Test/Summer': rules }, links: {}, countries: {} }),
    );
    expect(zones.transitions('Test/Summer', Date.UTC(2026, 0), Date.UTC(2030, 0))).toEqual([]);
    const newYear = wall('2027-01-01T00:00');
    expect(zones.instantsOf('Test/Summer', newYear)).toEqual([Date.UTC(2027, 0, 1, 4)]);
  });
});
