import { compiledTemplate } from './compiled-template';
import type { CompiledTemplate } from './compiled-template';
import type { StringTables } from './content';

/** The texts that `{{t.key}}` stands for in one person's words, by key. */
export type Phrases = ReadonlyMap<string, CompiledTemplate>;

export const NO_PHRASES: Phrases = new Map();

/**
 * Each key from the first table that has it, in the order of `locales` (lower case, the best first): a table need not
 * be complete. @throws TemplateSyntaxError
 */
export function phrasesFor(tables: StringTables, locales: readonly string[]): Phrases {
  const byLocale = new Map(Object.entries(tables).map(([locale, table]) => [locale.toLowerCase(), table]));
  const phrases = new Map<string, CompiledTemplate>();
  for (const locale of locales) {
    for (const [key, text] of Object.entries(byLocale.get(locale) ?? {})) {
      if (!phrases.has(key)) phrases.set(key, compiledTemplate(text));
    }
  }
  return phrases;
}
