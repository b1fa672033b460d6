import { loadZones } from '../../platform/zones';
import { demoPeople, MARK } from './people';

const peopleIn = (zones: readonly string[], count?: number): Map<string, number> => {
  const perZone = new Map<string, number>();
  for (const { profile } of demoPeople(zones, count)) {
    perZone.set(profile.timeZone, (perZone.get(profile.timeZone) ?? 0) + 1);
  }
  return perZone;
};

describe('the people of the demo', () => {
  const names = loadZones().names();

  it('are a thousand, with somebody in every zone and hardly more in one than in another', () => {
    const perZone = peopleIn(names);
    expect([...perZone.keys()].toSorted()).toEqual(names);
    expect(new Set(perZone.values())).toEqual(new Set([1, 2]));
    expect([...perZone.values()].reduce((sum, count) => sum + count, 0)).toBe(1_000);
  });

  it('have ids and addresses of their own, the same in every run', () => {
    const people = demoPeople(names);
    expect(new Set(people.map(({ id }) => id)).size).toBe(1_000);
    expect(new Set(people.map(({ profile }) => profile.email)).size).toBe(1_000);
    expect(people[0]?.id).toBe('demo-0001');
    expect(people[999]?.id).toBe('demo-1000');
    expect(demoPeople(names)).toEqual(people);
  });

  it('carry the mark by which the audience finds them, and a place that reads well', () => {
    const [person] = demoPeople(['America/Argentina/Buenos_Aires'], 1);
    expect(person?.profile.attributes).toMatchObject({ [MARK]: true, place: 'Buenos Aires' });
  });

  it('are spread over all of a range of zones that is larger than they are many', () => {
    expect([...peopleIn(['A', 'B', 'C', 'D', 'E', 'F'], 3).keys()]).toEqual(['A', 'C', 'E']);
  });
});
