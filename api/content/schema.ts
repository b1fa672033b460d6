import { z } from 'zod';
import type { StringTables, Variant } from '../../domain/content/content';
import { phraseKey } from '../../domain/content/phrase-key';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { noLocale } from '../../domain/validation/locale-tag';
import { canonicalLocale } from '../../platform/locale';
import { because } from '../../domain/validation/check';

const text = (most: number): z.ZodString => z.string().max(most);

/** What one channel says in one locale. Mustache in every field; only `html` is escaped. */
export const variantSchema = z
  .strictObject({
    subject: text(1_000).nullish(),
    title: text(1_000).nullish(),
    body: text(200_000).nullish(),
    html: text(262_144).nullish(),
  })
  .meta({
    id: 'Variant',
    description:
      'Mustache in every field; only `html` is escaped. Without `body` the text is made from `html`.',
  });

export const localeSchema = z
  .string()
  .max(100)
  .superRefine((tag, context) => {
    if (canonicalLocale(tag) !== null) return;
    context.addIssue({ code: 'custom', ...because('locale.invalid', noLocale(canonicalLocale, tag)) });
  })
  .overwrite((tag) => canonicalLocale(tag) ?? tag);

/** `de-at` beside `de-AT` is one locale: the words of one of them would be lost. */
function refuseTwins(tags: readonly string[], context: z.core.$RefinementCtx): void {
  const seen = new Map<string, string>();
  for (const tag of tags) {
    const locale = canonicalLocale(tag) ?? tag;
    const twin = seen.get(locale);
    seen.set(locale, tag);
    if (twin === undefined) continue;
    const fix = `is the same locale as ${twin}: put both into one`;
    context.addIssue({ code: 'custom', path: [tag], ...because('field.conflict', fix) });
  }
}

/** Variants by locale. */
export const variantsSchema = z
  .record(z.string().max(100), variantSchema)
  .superRefine((variants, context) => {
    const tags = Object.keys(variants);
    if (tags.length === 0)
      context.addIssue({ code: 'custom', ...because('field.required', 'needs a variant') });
    for (const tag of tags) {
      if (canonicalLocale(tag) === null) {
        const fix = noLocale(canonicalLocale, tag);
        context.addIssue({ code: 'custom', path: [tag], ...because('locale.invalid', fix) });
      }
    }
    refuseTwins(tags, context);
  })
  .transform((variants) =>
    Object.fromEntries(
      Object.entries(variants).map(([tag, variant]) => [canonicalLocale(tag) ?? tag, compact(variant)]),
    ),
  );

export const contentsSchema = z
  .partialRecord(z.enum(CHANNEL_NAMES), z.strictObject({ variants: variantsSchema }))
  .refine(
    (contents) => Object.keys(contents).length > 0,
    because('field.required', 'needs a channel such as email'),
  );

/** A dotted path. What no tag can name would have no value for anybody, and nobody would be written to. */
const VARIABLE = /^[^\s{}.]+( +[^\s{}.]+)*([.][^\s{}.]+( +[^\s{}.]+)*)*$/;

export const requiredVariablesSchema = z
  .array(
    z
      .string()
      .min(1)
      .max(200)
      .regex(
        VARIABLE,
        'must be a name as it stands between the braces of a text, such as first_name or order.id',
      )
      .refine(
        (name) => phraseKey(name) === null,
        because('field.conflict', 'is a text of strings, which everybody has: leave it out'),
      ),
  )
  .max(200)
  .meta({ description: 'Variables without which a message is not sent.' });

const MOST_KEYS = 500;

/** What `{{t.key}}` reads: texts by locale and key. What stands in them is judged with the content. */
export const stringsSchema = z
  .record(
    z.string().max(100),
    z
      .record(z.string(), text(10_000))
      .refine(
        (table) => Object.keys(table).length <= MOST_KEYS,
        because('field.too-long', `must have at most ${MOST_KEYS} keys`),
      ),
  )
  .refine(
    (tables) => Object.keys(tables).length <= MOST_KEYS,
    because('field.too-long', `must have at most ${MOST_KEYS} locales`),
  )
  .superRefine((tables, context) => {
    refuseTwins(Object.keys(tables), context);
  })
  .transform((tables) =>
    Object.fromEntries(Object.entries(tables).map(([tag, table]) => [canonicalLocale(tag) ?? tag, table])),
  )
  .meta({
    description:
      'By locale, the texts that `{{t.key}}` reads. A key that a table lacks comes from a more general one.',
  });

/** No tables are none at all. */
export function stringsOf(tables: StringTables | null | undefined): { strings?: StringTables } {
  return tables && Object.keys(tables).length > 0 ? { strings: tables } : {};
}

/** Leaves out what is null: null means none. */
function compact({ subject, title, body, html }: z.output<typeof variantSchema>): Variant {
  return {
    ...(typeof subject === 'string' && { subject }),
    ...(typeof title === 'string' && { title }),
    ...(typeof body === 'string' && { body }),
    ...(typeof html === 'string' && { html }),
  };
}
