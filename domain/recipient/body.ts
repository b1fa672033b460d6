import { z } from 'zod';
import type { Zones } from '../time/zones';
import { because } from '../validation/check';
import { lineOfText, notBuilt, readOnly } from '../validation/fields';
import { zoneName } from '../validation/zone-name';
import { attributesSchema } from './attributes';
import { isEmailAddress, isPhoneNumber } from './contact';

/** What a person's fields are judged by. */
export interface RecipientRules {
  readonly zones: Zones;
  /** The tag in its canonical case; null when it is none of BCP 47. */
  readonly canonicalLocale: (text: string) => string | null;
}

/** A customer's own id of a person: any text, percent-encoded in paths. */
export const recipientId = lineOfText(1, 200).meta({ description: 'Your own id of the person.' });

/** An address that a message can be sent to. */
export const emailAddress = z
  .string()
  .refine(isEmailAddress, because('email.invalid', 'must be one email address such as ada@example.com'))
  .meta({ format: 'email' });

export const phoneNumber = z
  .string()
  .refine(isPhoneNumber, because('phone.invalid', 'must be a phone number in E.164 such as +4915112345678'))
  .meta({ description: 'E.164.', examples: ['+4915112345678'] });

function locale(canonical: RecipientRules['canonicalLocale']) {
  return z
    .string()
    .max(100)
    .transform((text, context) => {
      const tag = canonical(text);
      if (tag !== null) return tag;
      context.addIssue({
        code: 'custom',
        ...because('locale.invalid', 'must be a BCP 47 language tag such as en, de-AT or zh-Hant-TW'),
      });
      return z.NEVER;
    })
    .meta({ description: 'BCP 47.', examples: ['de-AT'] });
}

export type RecipientBody = z.output<ReturnType<typeof recipientBody>>;

/** What PUT takes; absent and null mean none. */
export function recipientBody({ zones, canonicalLocale }: RecipientRules) {
  return z
    .strictObject({
      email: emailAddress.nullish(),
      phone: phoneNumber.nullish(),
      devices: notBuilt([], 'Devices'),
      locale: locale(canonicalLocale).nullish(),
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
