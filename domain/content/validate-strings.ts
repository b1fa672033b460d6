import { pointTo } from '../field-error';
import type { FieldError } from '../field-error';
import { compileTemplate, TemplateSyntaxError } from './compiled-template';
import type { CompiledTemplate } from './compiled-template';
import type { StringTables } from './content';
import { isLocaleTag, localesFor } from './locale';
import { phraseKey } from './phrase-key';
import { variablesOf } from './variables';

/** Keys are what a tag can name: `footer.legal` for `{{t.footer.legal}}`. */
const KEY = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;
const LONGEST_KEY = 100;

/** Names everything that is wrong with string tables by themselves; pointers start at the content. */
export function validateStrings(strings: StringTables): FieldError[] {
  return Object.entries(strings).flatMap(([locale, table]) => {
    const pointer = pointTo('/strings', locale);
    if (!isLocaleTag(locale)) {
      const message = `${locale.slice(0, 60)} is no locale: use a tag such as en or de-AT`;
      return [{ pointer, code: 'locale.invalid', message }];
    }
    return Object.entries(table).flatMap(([key, text]) => validatePhrase(key, text, pointTo(pointer, key)));
  });
}

function validatePhrase(key: string, text: string, pointer: string): FieldError[] {
  const refused = (message: string): FieldError[] => [{ pointer, code: 'field.format', message }];
  if (!KEY.test(key) || key.length > LONGEST_KEY) {
    return refused(
      `${key.slice(0, 60)}: a key has at most ${LONGEST_KEY} letters, digits, "_", "-", and dots between them`,
    );
  }
  try {
    const inner = variablesOf(compileTemplate(text)).find((name) => phraseKey(name) !== null);
    return inner === undefined
      ? []
      : refused(`${key}: {{${inner.slice(0, 60)}}} cannot stand within a text of strings`);
  } catch (error) {
    if (error instanceof TemplateSyntaxError)
      return refused(`${key}: is not valid Mustache: ${error.message}`);
    throw error;
  }
}

/**
 * What keeps the `{{t.key}}` of a text from being read by everybody: a key that the tables of the default locale lack,
 * or one that opens a section. Null when nothing does.
 */
export function phraseProblem(
  template: CompiledTemplate,
  strings: StringTables,
  defaultLocale: string,
): string | null {
  const locales = new Set(localesFor(null, defaultLocale));
  const tables = Object.entries(strings)
    .filter(([locale]) => locales.has(locale.toLowerCase()))
    .map(([, table]) => table);
  for (const name of variablesOf(template)) {
    const key = phraseKey(name);
    if (key === null || tables.some((table) => Object.hasOwn(table, key))) continue;
    return `{{${name.slice(0, 60)}}} has no text in strings for the default locale ${defaultLocale.slice(0, 60)}`;
  }
  const section = sectionOf(template);
  return section === null ? null : `{{#${section.slice(0, 60)}}} is a text and cannot open a section`;
}

function sectionOf(nodes: CompiledTemplate): string | null {
  for (const node of nodes) {
    if (node.kind !== 'section' && node.kind !== 'inverted') continue;
    if (phraseKey(node.name) !== null) return node.name;
    const inner = sectionOf(node.body);
    if (inner !== null) return inner;
  }
  return null;
}
