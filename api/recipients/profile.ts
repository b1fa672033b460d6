import { effectiveZone } from '../../domain/recipient/zone';
import type { Zones } from '../../domain/time/zones';
import type { RecipientProfile, RecipientRecord } from '../../store/recipients';
import { countryOfPhoneNumber } from './contact';
import type { RecipientBody } from './schema';

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

/** The fields that a client writes, as a document that a merge patch applies to. */
export function documentOf({ email, phone, locale, timeZone, attributes }: RecipientProfile) {
  return {
    ...(email !== null && { email }),
    ...(phone !== null && { phone }),
    devices: [],
    ...(locale !== null && { locale }),
    ...(timeZone !== null && { timeZone }),
    attributes,
  };
}

export function viewOf(record: RecipientRecord, tenantZone: string) {
  return {
    id: record.id,
    ...documentOf(record),
    effectiveTimeZone: record.zone ?? tenantZone,
    timeZoneSource: record.zoneSource,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
  };
}
