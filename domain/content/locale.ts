/**
 * The variant that answers a person: their own locale, then ever more general ones (`zh-Hant-TW`, `zh-Hant`, `zh`),
 * then the same for the default locale. Tags compare without regard to case (RFC 5646 section 2.1.1). Null when
 * even the default has none.
 */
export function chooseLocale(
  variants: Readonly<Record<string, unknown>>,
  locale: string | null,
  defaultLocale: string,
): string | null {
  const available = new Map(Object.keys(variants).map((name) => [name.toLowerCase(), name]));
  for (const wanted of [...lookupChain(locale ?? ''), ...lookupChain(defaultLocale)]) {
    const found = available.get(wanted);
    if (found !== undefined) return found;
  }
  return null;
}

/** RFC 4647 section 3.4: subtags are cut from the end, and a single letter that introduces the next one with them. */
function lookupChain(locale: string): string[] {
  const subtags = locale.toLowerCase().split('-');
  const chain: string[] = [];
  while (subtags.length > 0) {
    chain.push(subtags.join('-'));
    subtags.pop();
    if (subtags.at(-1)?.length === 1) subtags.pop();
  }
  return chain;
}

/** Whether a text has the shape of a BCP 47 tag; which tags exist is not checked. */
export function isLocaleTag(text: string): boolean {
  return text.length <= 35 && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(text);
}
