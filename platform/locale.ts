/** Nearly all people of a tenant share a few tags, and asking the runtime costs more than the rest of a person's check. */
const known = new Map<string, string | null>();
const MOST_KNOWN = 1_000;

/**
 * The tag in its canonical case (`de-at` is `de-AT`); null when it is none of BCP 47, or begins with what is no
 * language: those have two or three letters, and no longer one has ever been registered (RFC 5646 section 2.2.1).
 */
export function canonicalLocale(text: string): string | null {
  const found = known.get(text);
  if (found !== undefined) return found;
  const canonical = askRuntime(text);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, canonical);
  return canonical;
}

function askRuntime(text: string): string | null {
  if (!/^[a-z]{2,3}(-|$)/i.test(text)) return null;
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    return null;
  }
}
