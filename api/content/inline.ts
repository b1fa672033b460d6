import { z } from 'zod';
import type { InlineContent, Variant } from '../../domain/content/content';
import { validateContent } from '../../domain/content/validate';
import type { ChannelName } from '../../domain/delivery/channel';
import type { FieldError } from '../../domain/field-error';
import { because } from '../../domain/validation/check';
import type { Checked } from '../../domain/validation/check';
import {
  contentsSchema,
  localeSchema,
  requiredVariablesSchema,
  stringsOf,
  stringsSchema,
  variantSchema,
  variantsSchema,
} from './schema';

/** What a message is written in when nobody says so. */
const DEFAULT_LOCALE = 'en';

/**
 * Content written into a schedule: the words alone (`subject`, `body`...), or `variants` by locale, or `contents` by
 * channel as in a template.
 */
export const inlineContentSchema = z
  .strictObject({
    ...variantSchema.partial().shape,
    variants: variantsSchema.nullish(),
    contents: contentsSchema.nullish(),
    defaultLocale: localeSchema.nullish(),
    strings: stringsSchema.nullish(),
    requiredVariables: requiredVariablesSchema.nullish(),
  })
  .superRefine((content, context) => {
    const byLocale = content.variants ?? content.contents ?? null;
    const words = content.body ?? (byLocale === null ? content.html : null);
    const ways = [words, content.variants, content.contents].filter(
      (way) => way !== undefined && way !== null,
    );
    if (ways.length !== 1) {
      const message = 'must have exactly one of body (or html), variants and contents';
      context.addIssue({ code: 'custom', ...because('field.conflict', message) });
      return;
    }
    if (byLocale === null) return;
    for (const field of ['subject', 'title', 'html'] as const) {
      if (typeof content[field] !== 'string') continue;
      const message = 'stands beside body; within variants each variant has its own';
      context.addIssue({ code: 'custom', path: [field], ...because('field.conflict', message) });
    }
  })
  .meta({ id: 'InlineContent' });

export type WrittenContent = z.output<typeof inlineContentSchema>;

/** The canonical form of content for a channel; every mistake in it is named from `base`. */
export function readInlineContent(
  written: WrittenContent,
  scheduled: ChannelName | undefined,
  base: string,
): Checked<InlineContent> {
  // When the channel itself is wrong, the words can be judged all the same.
  const channel = scheduled ?? 'email';
  const defaultLocale = written.defaultLocale ?? DEFAULT_LOCALE;
  const requiredVariables = written.requiredVariables ?? [];
  const content: InlineContent = {
    contents: contentsOf(written, channel, defaultLocale),
    defaultLocale,
    ...stringsOf(written.strings),
    requiredVariables,
  };
  const errors = validateContent(content).map((error): FieldError => {
    const pointer = pointerAsWritten(written, error.pointer, channel, defaultLocale);
    return { ...error, pointer: base + pointer };
  });
  if (errors.length === 0 && scheduled && !content.contents[scheduled]) {
    const message = `contents: has nothing for the channel ${channel} of the schedule`;
    errors.push({ pointer: `${base}/contents`, code: 'field.conflict', message });
  }
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'ok', value: content };
}

function contentsOf(
  { contents, variants, subject, title, body, html }: WrittenContent,
  channel: ChannelName,
  defaultLocale: string,
): InlineContent['contents'] {
  if (contents) return contents;
  if (variants) return { [channel]: { variants } };
  const words: Variant = {
    ...(typeof subject === 'string' && { subject }),
    ...(typeof title === 'string' && { title }),
    ...(typeof body === 'string' && { body }),
    ...(typeof html === 'string' && { html }),
  };
  return { [channel]: { variants: { [defaultLocale]: words } } };
}

/** Leads back from the canonical form to the place where the client wrote it. */
function pointerAsWritten(
  written: WrittenContent,
  pointer: string,
  channel: ChannelName,
  defaultLocale: string,
): string {
  if (written.contents) return pointer;
  const ofChannel = `/contents/${channel}`;
  if (!pointer.startsWith(ofChannel)) return pointer;
  const rest = pointer.slice(ofChannel.length);
  if (written.variants) return rest;
  const ofLocale = `/variants/${defaultLocale}`;
  return rest.startsWith(ofLocale) ? rest.slice(ofLocale.length) : '';
}

/** What GET shows of content: the words alone where that says everything, otherwise the canonical form. */
export function viewOfContent(content: InlineContent, channel: ChannelName): Record<string, unknown> {
  const channels = Object.keys(content.contents);
  const variants = content.contents[channel]?.variants ?? {};
  const words = variants[DEFAULT_LOCALE];
  const sayEverything =
    channels.length === 1 &&
    Object.keys(variants).length === 1 &&
    words !== undefined &&
    content.defaultLocale === DEFAULT_LOCALE &&
    content.strings === undefined &&
    content.requiredVariables.length === 0;
  return sayEverything ? { ...words } : { ...content };
}
