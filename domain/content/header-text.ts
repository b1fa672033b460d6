// Line ends would start another header (RFC 5322 section 2.2); no other control character belongs in one either.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** Makes a rendered text safe for a subject or title: one line, control characters become a blank. */
export function headerText(text: string): string {
  return text.replaceAll(CONTROL, ' ').trim();
}
