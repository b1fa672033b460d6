import { z } from 'zod';
import { ZONE_SOURCE_CODES } from '../../domain/recipient/zone-source';
import { instant } from '../../domain/validation/fields';

/** What PATCH takes: a merge patch of the same fields, checked once it is merged. */
export const recipientPatch = z
  .strictObject({
    email: z.string().nullish(),
    phone: z.string().nullish(),
    devices: z.array(z.unknown()).max(0).nullish().meta({ description: 'Devices are not built yet.' }),
    locale: z.string().nullish(),
    timeZone: z.string().nullish(),
    attributes: z.record(z.string(), z.unknown()).nullish(),
  })
  .partial()
  .meta({
    id: 'RecipientPatch',
    description: 'A merge patch (RFC 7396): null removes, absent leaves as it is.',
  });

export const recipientExample = {
  email: 'ada@example.com',
  phone: '+4915112345678',
  locale: 'de-AT',
  timeZone: 'Europe/Vienna',
  attributes: { first_name: 'Ada', plan: 'premium' },
};

export const recipientView = z
  .strictObject({
    id: z.string(),
    email: z.string().optional(),
    phone: z.string().optional(),
    devices: z.array(z.unknown()).max(0),
    locale: z.string().optional(),
    timeZone: z.string().optional(),
    attributes: z.record(z.string(), z.unknown()),
    effectiveTimeZone: z
      .string()
      .meta({ readOnly: true, description: 'The zone that counts for this person.' }),
    timeZoneSource: z
      .enum(Object.keys(ZONE_SOURCE_CODES))
      .meta({ readOnly: true, description: 'Where that zone comes from.' }),
    createdAt: instant,
    updatedAt: instant,
  })
  .meta({
    id: 'Recipient',
    examples: [
      {
        id: 'ada',
        ...recipientExample,
        devices: [],
        effectiveTimeZone: 'Europe/Vienna',
        timeZoneSource: 'profile',
        createdAt: '2026-12-01T09:00:00.000Z',
        updatedAt: '2026-12-01T09:00:00.000Z',
      },
    ],
  });
