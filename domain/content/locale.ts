import { likelyScript } from './scripts';

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
  const special = general.slice(0, general.length - language.length);
  return [...special, ...sameScript(locale.toLowerCase()), ...language];
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

/** Language, script and region (RFC 5646 section 2.1); variants and extensions say nothing of the script. */
const TAG = /^([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?(?:-|$)/;

/** Other ways to write the same language in the same script: with it where it is left out, without it where it may be. */
function sameScript(locale: string): string[] {
  const [, language, written, region = null] = TAG.exec(locale) ?? [];
  if (language === undefined) return [];
  const likely = likelyScript(language, region);
  const script = written ?? likely;
  if (likely === null || script === null) return [];
  return [
    ...(region === null ? [] : [`${language}-${script}-${region}`]),
    ...(region !== null && script === likely ? [`${language}-${region}`] : []),
    `${language}-${script}`,
  ];
}

/** Whether a text has the shape of a BCP 47 tag; which tags exist is not checked. */
export function isLocaleTag(text: string): boolean {
  return text.length <= 35 && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/.test(text);
}
