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
  for (const wanted of localesFor(locale, defaultLocale)) {
    const found = available.get(wanted);
    if (found !== undefined) return found;
  }
  return null;
}

/** Tags in lower case that may speak for a person, the best first. */
export function localesFor(locale: string | null, defaultLocale: string): string[] {
  return [...new Set([...(locale === null ? [] : chainOf(locale)), ...chainOf(defaultLocale)])];
}

/**
 * The lookup of RFC 4647 section 3.4. Before it gives up all but the language, the script that goes without saying is
 * tried: `zh-TW` is written in `zh-Hant`, and somebody who reads that is ill served by plain `zh`.
 */
function chainOf(locale: string): string[] {
  const general = lookup(locale.toLowerCase());
  const language = general.length > 1 ? general.slice(-1) : [];
  return [...general.slice(0, general.length - language.length), ...sameScript(locale), ...language];
}

/** Subtags are cut from the end, and a single letter that introduces the next one with them. */
function lookup(locale: string): string[] {
  const subtags = locale.split('-');
  const chain: string[] = [];
  while (subtags.length > 0) {
    chain.push(subtags.join('-'));
    subtags.pop();
    if (subtags.at(-1)?.length === 1) subtags.pop();
  }
  return chain;
}

/** Other ways to write the same language, script and region; none for a text that is no tag. */
function sameScript(locale: string): string[] {
  const tag = parsed(locale);
  const script = tag?.maximize().script;
  if (tag === null || script === undefined) return [];
  const { language, region } = tag;
  const withRegion = region === undefined ? [] : [`${language}-${script}-${region}`];
  const unwritten = parsed([language, ...(region === undefined ? [] : [region])].join('-'));
  const goesWithoutSaying = region !== undefined && unwritten?.maximize().script === script;
  return [
    ...withRegion,
    ...(goesWithoutSaying ? [`${language}-${region}`] : []),
    `${language}-${script}`,
  ].map((name) => name.toLowerCase());
}

function parsed(locale: string): Intl.Locale | null {
  try {
    return new Intl.Locale(locale);
  } catch {
    return null;
  }
}

/** Whether a text has the shape of a BCP 47 tag; which tags exist is not checked. */
export function isLocaleTag(text: string): boolean {
  return text.length <= 35 && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(text);
}
