import type { ChannelName } from '../delivery/channel';
import { compiledTemplate } from './compiled-template';
import type { CompiledTemplate } from './compiled-template';
import type { InlineContent, Variant } from './content';
import { chooseLocale, localesFor } from './locale';
import { NO_PHRASES, phrasesFor } from './phrases';
import type { Phrases } from './phrases';

/** Content for one channel and one locale, ready to render for everybody who reads it. */
export interface Edition {
  /** The most special locale that spoke: that of the variant, or of a string table where that is nearer. */
  readonly locale: string;
  readonly fields: Readonly<Partial<Record<keyof Variant, CompiledTemplate>>>;
  readonly phrases: Phrases;
}

const made = new WeakMap<InlineContent, Map<string, Edition | null>>();
const MOST_REMEMBERED = 500;

/**
 * What content says on a channel to somebody of a locale, remembered for as long as the content is: a page renders
 * the same few editions for everybody. Null when it says nothing there. @throws TemplateSyntaxError
 */
export function editionOf(
  content: InlineContent,
  channel: ChannelName,
  locale: string | null,
): Edition | null {
  const editions = made.get(content) ?? new Map<string, Edition | null>();
  made.set(content, editions);
  const key = `${channel} ${locale ?? ''}`;
  const known = editions.get(key);
  if (known !== undefined) return known;
  const edition = makeEdition(content, channel, locale);
  // Locales come from outside: nobody's imagination of them may fill the memory.
  if (editions.size >= MOST_REMEMBERED) editions.clear();
  editions.set(key, edition);
  return edition;
}

function makeEdition(content: InlineContent, channel: ChannelName, locale: string | null): Edition | null {
  const { defaultLocale, strings = {} } = content;
  const variants = content.contents[channel]?.variants ?? {};
  const chosen = chooseLocale(variants, locale, defaultLocale);
  const variant = chosen === null ? undefined : variants[chosen];
  if (variant === undefined) return null;
  const { subject, title, body, html } = variant;
  return {
    locale: chooseLocale({ ...strings, ...variants }, locale, defaultLocale) ?? defaultLocale,
    fields: {
      ...(subject !== undefined && { subject: compiledTemplate(subject) }),
      ...(title !== undefined && { title: compiledTemplate(title) }),
      ...(body !== undefined && { body: compiledTemplate(body) }),
      ...(html !== undefined && { html: compiledTemplate(html) }),
    },
    phrases:
      content.strings === undefined
        ? NO_PHRASES
        : phrasesFor(content.strings, localesFor(locale, defaultLocale)),
  };
}
