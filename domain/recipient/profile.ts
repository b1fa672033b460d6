import type { Zones } from '../time/zones';
import type { RecipientBody } from './body';
import { countryOfPhoneNumber } from './contact';
import { effectiveZone } from './zone';
import type { ZoneSource } from './zone-source';

/** What is known of a person; addresses in the clear. */
export interface RecipientProfile {
  readonly email: string | null;
  readonly phone: string | null;
  readonly locale: string | null;
  /** What the profile says, as given. */
  readonly timeZone: string | null;
  /** The zone that counts; null means the tenant's default. */
  readonly zone: string | null;
  readonly zoneSource: ZoneSource;
  readonly attributes: Record<string, unknown>;
}

/** What is stored for a body that was checked: the zone that counts is worked out here, on every write. */
export function profileOf(body: RecipientBody, zones: Zones): RecipientProfile {
  const phone = body.phone ?? null;
  const timeZone = body.timeZone ?? null;
  const country = phone === null ? null : countryOfPhoneNumber(phone);
  const { zone, source } = effectiveZone(timeZone, country === null ? [] : zones.zonesOfCountry(country));
  return {
    email: body.email ?? null,
    phone,
    locale: body.locale ?? null,
    timeZone,
    zone,
    zoneSource: source,
    attributes: body.attributes ?? {},
  };
}
