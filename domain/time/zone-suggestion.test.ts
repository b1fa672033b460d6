import { zones } from '../../test/zones/shipped-zones';

describe('a zone name that is refused comes with a suggestion', () => {
  test.each([
    ['europe/paris', ['Europe/Paris']],
    [' Europe/Paris ', ['Europe/Paris']],
    ['America/New York', ['America/New_York']],
    ['utc', ['UTC']],
  ])('%j: the same name in the right letters', (typed, expected) => {
    expect(zones.suggest(typed)).toEqual(expected);
  });

  test.each([
    ['UTC+2', 'Etc/GMT-2'],
    ['GMT-03:00', 'Etc/GMT+3'],
    ['+5', 'Etc/GMT-5'],
    ['UTC+05:45', 'Asia/Kathmandu'],
    ['utc\u22129:30', 'Pacific/Marquesas'],
  ])('%s: a zone with that offset all year', (typed, expected) => {
    expect(zones.suggest(typed)[0]).toBe(expected);
  });

  test.each([
    ['PST', ['America/Los_Angeles', 'Asia/Manila']],
    ['CST', ['America/Chicago', 'Asia/Shanghai', 'America/Havana']],
    ['IST', ['Asia/Kolkata', 'Europe/Dublin', 'Asia/Jerusalem']],
    ['cest', ['Europe/Berlin', 'Europe/Paris', 'Europe/Madrid']],
    ['JST', ['Asia/Tokyo']],
    ['SAST', ['Africa/Johannesburg']],
  ])('%s: the zones that an abbreviation may mean', (typed, expected) => {
    expect(zones.suggest(typed)).toEqual(expected);
  });

  test.each([
    ['Paris', 'Europe/Paris'],
    ['São Paulo', 'America/Sao_Paulo'],
    ['Berlin, Germany', 'Europe/Berlin'],
    ['New York City', 'America/New_York'],
    ['Europe/Tokyo', 'Asia/Tokyo'],
    ['FR', 'Europe/Paris'],
  ])('%s: the place', (typed, expected) => {
    expect(zones.suggest(typed)[0]).toBe(expected);
  });

  test.each([
    ['Amercia/New_York', 'America/New_York'],
    ['Europe/Pariss', 'Europe/Paris'],
    ['Lndon', 'Europe/London'],
    ['Asia/Klokata', 'Asia/Kolkata'],
  ])('%s: the name that a slip of the finger spoiled', (typed, expected) => {
    expect(zones.suggest(typed)[0]).toBe(expected);
  });

  test.each([
    '',
    '   ',
    'xyzzy',
    'UTC+27',
    '__proto__',
    'constructor',
    "'; drop table recipient; --",
    '{{zone}}',
  ])('%j: nothing comes to mind', (typed) => {
    expect(zones.suggest(typed)).toEqual([]);
  });

  test('of at most three accepted names, however long the text is', () => {
    const typed = ['Paris', 'UTC+1', 'CST', 'US', 'Amercia', 'a'.repeat(100_000)];
    for (const suggestions of typed.map((text) => zones.suggest(text))) {
      expect(suggestions.length).toBeLessThanOrEqual(3);
      expect(suggestions.filter((name) => !zones.has(name))).toEqual([]);
    }
  });
});
