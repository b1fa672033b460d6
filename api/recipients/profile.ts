import type { RecipientProfile } from '../../domain/recipient/profile';
import type { RecipientRecord } from '../../store/recipients';

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
