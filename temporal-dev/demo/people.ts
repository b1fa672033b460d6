/** How many people the demo writes to (contract.md "Commands"). */
export const PEOPLE = 1_000;

/** The attribute that only people of the demo have: its audience finds them by it, and nobody else. */
export const MARK = 'sundial_demo';

const FIRST_NAMES =
  'Ada Bela Chidi Dana Emre Fatou Goran Hina Ines Jomo Kaia Lani Mika Noor Ola Pia Rosa Sami Tala Uma Vito'.split(
    ' ',
  );

export interface DemoPerson {
  /** The same in every run, so that people do not pile up. */
  readonly id: string;
  readonly profile: {
    readonly email: string;
    readonly locale: string;
    readonly timeZone: string;
    readonly attributes: Readonly<Record<string, string | boolean>>;
  };
}

/** Spreads the people evenly over the zones, so that each zone has somebody as long as there are enough people. */
export function demoPeople(zoneNames: readonly string[], count: number = PEOPLE): DemoPerson[] {
  return Array.from({ length: count }, (_, index) => {
    const timeZone = zoneNames[Math.floor((index * zoneNames.length) / count)] ?? 'UTC';
    const id = `demo-${String(index + 1).padStart(4, '0')}`;
    const first_name = FIRST_NAMES[index % FIRST_NAMES.length] ?? id;
    return {
      id,
      profile: {
        email: `${id}@example.com`,
        locale: 'en',
        timeZone,
        attributes: { first_name, place: placeOf(timeZone), [MARK]: true },
      },
    };
  });
}

/** `America/Argentina/Buenos_Aires` is Buenos Aires. */
function placeOf(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}
