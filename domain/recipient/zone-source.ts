/** Where a person's zone comes from, in order of precedence (semantics.md "Whose time"), with its ledger code. */
export const ZONE_SOURCE_CODES = { default: 0, profile: 1, device: 2, phone: 3 } as const;

export type ZoneSource = keyof typeof ZONE_SOURCE_CODES;

export function zoneSourceOfCode(code: number): ZoneSource {
  for (const [name, value] of Object.entries(ZONE_SOURCE_CODES)) {
    if (value === code) return name as ZoneSource;
  }
  throw new RangeError(`No zone source has the code ${code}.`);
}
