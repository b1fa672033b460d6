import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

// Dot-atoms of RFC 5322 before the @, and a host name in any script with at least two labels after it.
// Quoted parts, comments, address literals and white space stay out: mail headers are made of this.
const LOCAL_PART = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/** Whether a text can be the address of a mailbox; RFC 5321 section 4.5.3.1 bounds its length. */
export function isEmailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const labels = text.slice(at + 1).split('.');
  return (
    at > 0 &&
    text.length <= 254 &&
    local.length <= 64 &&
    LOCAL_PART.test(local) &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label))
  );
}

/** Whether a text is a phone number in E.164 of a length that its country has. */
export function isPhoneNumber(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text) && parsed(text)?.isPossible() === true;
}

/** ISO 3166 code of the country that the number belongs to; null when the number alone does not tell. */
export function countryOfPhoneNumber(phone: string): string | null {
  return parsed(phone)?.country ?? null;
}

/** A number that was found possible is asked for its country next. */
let last: { text: string; number: ReturnType<typeof parsePhoneNumberFromString> } | undefined;

function parsed(text: string): ReturnType<typeof parsePhoneNumberFromString> {
  if (last?.text !== text) last = { text, number: parsePhoneNumberFromString(text) };
  return last.number;
}
