import type { ChannelName } from '../delivery/channel';
import { TemplateSyntaxError } from './compiled-template';
import type { InlineContent } from './content';
import { editionOf } from './edition';
import type { Edition } from './edition';
import { scopeOf } from './scope';
import { missingVariables, plainVariablesOf } from './variables';

/** Variables that somebody needs to get a message, or a whole one. */
export interface Needs {
  /** Without a value for each of these nothing is sent. */
  readonly required: readonly string[];
  /** Without a value for one of these there is a hole in the text. */
  readonly plain: readonly string[];
}

/** What those who read content in a locale need. Nothing where there is no content for them. */
export function needsOf(content: InlineContent, channel: ChannelName, locale: string | null): Needs {
  const edition = editionOrNull(content, channel, locale);
  if (edition === null) return { required: [], plain: [] };
  const required = [...new Set(content.requiredVariables)];
  return { required, plain: plainVariablesOf(edition).filter((name) => !required.includes(name)) };
}

/** Every variable that content on a channel may need, in whichever locale. */
export function allNeedsOf(content: InlineContent, channel: ChannelName): string[] {
  const locales = [
    null,
    ...Object.keys(content.contents[channel]?.variants ?? {}),
    ...Object.keys(content.strings ?? {}),
  ];
  const names = locales.flatMap((locale) => {
    const { required, plain } = needsOf(content, channel, locale);
    return [...required, ...plain];
  });
  return [...new Set(names)];
}

/** Who has a say in a variable: the data of the schedule, which win, or else each person's attributes. */
export function sourceOf(
  name: string,
  data: Readonly<Record<string, unknown>>,
): 'data' | 'person' | 'nobody' {
  const [first = ''] = name.split('.');
  if (!Object.hasOwn(data, first)) return 'person';
  return missingVariables([name], scopeOf(data)).length > 0 ? 'nobody' : 'data';
}

/** A text that is malformed needs nothing: it is not sent at all. */
function editionOrNull(content: InlineContent, channel: ChannelName, locale: string | null): Edition | null {
  try {
    return editionOf(content, channel, locale);
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return null;
    throw error;
  }
}
