import type { ZoneSource } from './zone-source';

export interface EffectiveZone {
  /** Null means the tenant's default, whatever that is when a message becomes due. */
  readonly zone: string | null;
  readonly source: ZoneSource;
}

/**
 * The zone that counts for a person (semantics.md "Whose time"): the profile's own, otherwise the one zone of
 * the country that the phone number belongs to, otherwise the tenant's default.
 * @param phoneZones zones of the phone number's country; empty when it is not known.
 */
export function effectiveZone(profileZone: string | null, phoneZones: readonly string[]): EffectiveZone {
  if (profileZone !== null) return { zone: profileZone, source: 'profile' };
  const [only, ...others] = phoneZones;
  if (only !== undefined && others.length === 0) return { zone: only, source: 'phone' };
  return { zone: null, source: 'default' };
}
