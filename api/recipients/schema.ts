import { z } from 'zod';
import { ZONE_SOURCE_CODES } from '../../domain/recipient/zone-source';
import { instant, lineOfText, notBuilt, readOnly } from '../http/fields';
import { zoneName } from '../http/zone-name';
import type { Zones } from '../../domain/time/zones';
import { because } from '../http/validation';
import { attributesSchema } from './attributes';
import { canonicalLocale, isEmailAddress, isPhoneNumber } from './contact';

/** A customer's own id of a person: any text, percent-encoded in paths. */
export const recipientId = lineOfText(1, 200).meta({ description: 'Your own id of the person.' });

const email = z
  .string()
  .refine(isEmailAddress, because('email.invalid', 'must be one email address such as ada@example.com'))
  .meta({ format: 'email' });

const phone = z
  .string()
  .refine(isPhoneNumber, because('phone.invalid', 'must be a phone number in E.164 such as +4915112345678'))
  .meta({ description: 'E.164.', examples: ['+4915112345678'] });

const locale = z
  .string()
  .max(100)
  .transform((text, context) => {
    const canonical = canonicalLocale(text);
    if (canonical !== null) return canonical;
    context.addIssue({
      code: 'custom',
      ...because('locale.invalid', 'must be a BCP 47 language tag such as en, de-AT or zh-Hant-TW'),
    });
    return z.NEVER;
  })
  .meta({ description: 'BCP 47.', examples: ['de-AT'] });

export type RecipientBody = z.output<ReturnType<typeof recipientBody>>;

/** What PUT takes; absent and null mean none. */
export function recipientBody(zones: Zones) {
  return z
    .strictObject({
      email: email.nullish(),
      phone: phone.nullish(),
      devices: notBuilt([], 'Devices'),
      locale: locale.nullish(),
      timeZone: zoneName(zones).nullish(),
      attributes: attributesSchema.nullish(),
      id: readOnly(),
      effectiveTimeZone: readOnly(),
      timeZoneSource: readOnly(),
      createdAt: readOnly(),
      updatedAt: readOnly(),
    })
    .meta({ id: 'RecipientBody' });
}

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
  .meta({ id: 'Recipient' });

export const recipientExample = {
  email: 'ada@example.com',
  phone: '+4915112345678',
  locale: 'de-AT',
  timeZone: 'Europe/Vienna',
  attributes: { first_name: 'Ada', plan: 'premium' },
};
