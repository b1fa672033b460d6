import { z } from 'zod';
import type { Zones } from '../time/zones';
import { because } from '../validation/check';
import { lineOfText, notBuilt, readOnly } from '../validation/fields';
import { noLocale } from '../validation/locale-tag';
import type { CanonicalLocale } from '../validation/locale-tag';
import { zoneName } from '../validation/zone-name';
import { attributesSchema } from './attributes';
import { isEmailAddress, isPhoneNumber } from './contact';

/** What a person's fields are judged by. */
export interface RecipientRules {
  readonly zones: Zones;
  readonly canonicalLocale: CanonicalLocale;
}

/** A customer's own id of a person: any text, percent-encoded in paths. */
export const recipientId = lineOfText(1, 200).meta({ description: 'Your own id of the person.' });

// Without the text: reasons of an import are kept.
const email = z
  .string()
  .superRefine((text, context) => {
    if (isEmailAddress(text)) return;
    const fix = isEmailAddress(text.trim())
      ? 'must have no blanks before or after the address'
      : 'must be one email address such as ada@example.com';
    context.addIssue({ code: 'custom', ...because('email.invalid', fix) });
  })
  .meta({ format: 'email' });

const phone = z
  .string()
  .superRefine((text, context) => {
    if (isPhoneNumber(text)) return;
    const fix = isPhoneNumber(text.replaceAll(/[\s()./-]/g, ''))
      ? 'must be in E.164: the digits after the + alone, without blanks, dashes or brackets'
      : 'must be a phone number in E.164 such as +4915112345678';
    context.addIssue({ code: 'custom', ...because('phone.invalid', fix) });
  })
  .meta({ description: 'E.164.', examples: ['+4915112345678'] });

function locale(canonical: RecipientRules['canonicalLocale']) {
  return z
    .string()
    .max(100)
    .transform((text, context) => {
      const tag = canonical(text);
      if (tag !== null) return tag;
      context.addIssue({ code: 'custom', ...because('locale.invalid', noLocale(canonical, text)) });
      return z.NEVER;
    })
    .meta({ description: 'BCP 47.', examples: ['de-AT'] });
}

export type RecipientBody = z.output<ReturnType<typeof recipientBody>>;

/** What PUT takes; absent and null mean none. */
export function recipientBody({ zones, canonicalLocale }: RecipientRules) {
  return z
    .strictObject({
      email: email.nullish(),
      phone: phone.nullish(),
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
