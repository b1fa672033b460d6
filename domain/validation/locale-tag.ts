/** The tag in its canonical case; null when it is none of BCP 47. */
export type CanonicalLocale = (text: string) => string | null;

/** Says that a text is no language tag, and which one its writer may have meant. */
export function noLocale(canonical: CanonicalLocale, text: string): string {
  const tag = canonical(text.trim().replaceAll('_', '-'));
  const hint = tag === null ? 'such as en, de-AT or zh-Hant-TW' : `; did you mean ${tag}?`;
  return `must be a BCP 47 language tag${tag === null ? ' ' : ''}${hint}`;
}
