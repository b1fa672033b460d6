import type { ChannelName } from '../delivery/channel';

/**
 * What one channel says in one locale. Mustache in every field; only `html` is escaped. Without a `body` the text is
 * made from `html`: one of the two is there.
 */
export interface Variant {
  subject?: string;
  title?: string;
  body?: string;
  html?: string;
}

export interface ChannelContent {
  variants: Record<string, Variant>;
}

/** The texts that `{{t.key}}` reads: by locale, then by key. Mustache as well. */
export type StringTables = Record<string, Record<string, string>>;

/** The canonical form of a template or of a schedule's inline content. */
export interface TemplateDefinition {
  name: string;
  category: string;
  contents: Partial<Record<ChannelName, ChannelContent>>;
  /** The locale that answers when the person's own has no variant. */
  defaultLocale: string;
  /** Absent when there is none. */
  strings?: StringTables;
  requiredVariables: string[];
  path: string | null;
}

/** Inline content of a schedule or a message: a template without a name. */
export type InlineContent = Omit<TemplateDefinition, 'name' | 'category' | 'path'>;
