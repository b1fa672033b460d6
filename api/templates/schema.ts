import { z } from 'zod';
import type { TemplateDefinition } from '../../domain/content/content';
import { validateContent } from '../../domain/content/validate';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import type { FieldError } from '../../domain/field-error';
import type { TemplateContent, TemplateRecord } from '../../store/templates';
import type { Principal } from '../auth/principal';
import { categorySchema, onlyAdminMaySet } from '../content/category';
import {
  contentsSchema,
  localeSchema,
  requiredVariablesSchema,
  stringsOf,
  stringsSchema,
  variantsSchema,
} from '../content/schema';
import { instant, lineOfText, nameText, readOnly } from '../../domain/validation/fields';
import { mergePatch } from '../http/merge-patch';
import type { BodySpec } from '../http/route';
import { JSON_TYPE } from '../http/route';
import { checkFields } from '../../domain/validation/check';
import type { Checked } from '../../domain/validation/check';

/** What POST and PUT take: `contents` by channel, or `channel` and `variants` for one. */
const templateBodySchema = z
  .strictObject({
    name: nameText(200),
    category: categorySchema,
    contents: contentsSchema.nullish(),
    channel: z.enum(CHANNEL_NAMES).nullish().meta({ description: 'With `variants`: short for one channel.' }),
    variants: variantsSchema.nullish(),
    defaultLocale: localeSchema.meta({ description: "Answers when a person's own locale has no variant." }),
    strings: stringsSchema.nullish(),
    requiredVariables: requiredVariablesSchema.default([]),
    path: lineOfText(1, 500).nullish().meta({ description: 'Where the template stands in a tree of yours.' }),
    active: z.boolean().default(true),
    id: readOnly(),
    version: readOnly(),
    createdAt: readOnly(),
    updatedAt: readOnly(),
    archivedAt: readOnly(),
  })
  .meta({ id: 'TemplateBody' });

type TemplateBody = z.output<typeof templateBodySchema>;

/** What a version of a template says. */
export const definitionView = {
  name: z.string(),
  category: z.string(),
  contents: z.record(
    z.string(),
    z.strictObject({ variants: z.record(z.string(), z.record(z.string(), z.string())) }),
  ),
  defaultLocale: z.string(),
  strings: z.record(z.string(), z.record(z.string(), z.string())),
  requiredVariables: z.array(z.string()),
  path: z.string().nullable(),
};

export const templateExample = {
  name: 'Welcome',
  contents: {
    email: {
      variants: {
        en: { subject: 'Welcome, {{first_name}}', body: 'Good to have you here, {{first_name}}.' },
        de: { subject: 'Willkommen, {{first_name}}', body: 'Schön, dass du da bist, {{first_name}}.' },
      },
    },
  },
  defaultLocale: 'en',
  requiredVariables: ['first_name'],
};

/** The same as it is answered. */
export const definitionExample = { ...templateExample, category: 'marketing', strings: {}, path: null };

export const templateView = z
  .strictObject({
    id: z.string(),
    ...definitionView,
    active: z.boolean(),
    version: z.int(),
    createdAt: instant,
    updatedAt: instant,
    archivedAt: instant.nullable(),
  })
  .meta({
    id: 'Template',
    examples: [
      {
        id: 'tpl_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
        ...definitionExample,
        active: true,
        version: 1,
        createdAt: '2026-12-01T09:00:00.000Z',
        updatedAt: '2026-12-01T09:00:00.000Z',
        archivedAt: null,
      },
    ],
  });

export const templateBody: BodySpec<TemplateContent> = {
  schema: templateBodySchema,
  example: templateExample,
  mediaTypes: [JSON_TYPE],
  read: (document, { principal }) => readTemplate(document, principal),
};

/** Checks a whole template, rules across fields included. @throws ApiError 403 for a category it may not have. */
export function readTemplate(
  document: unknown,
  principal: Principal,
  wrongForm = 'must be given, or channel together with variants, and not both',
): Checked<TemplateContent> {
  const { values, wrong, errors } = checkFields(templateBodySchema, document);
  const contents = readContents(values, wrong, wrongForm);
  const all = [...errors, ...contents.errors];
  const { name, category, requiredVariables, defaultLocale, strings, path, active } = values;
  if (
    all.length > 0 ||
    name === undefined ||
    category === undefined ||
    requiredVariables === undefined ||
    defaultLocale === undefined ||
    active === undefined
  ) {
    return { kind: 'refused', errors: all };
  }
  onlyAdminMaySet(category, principal);
  const definition: TemplateDefinition = {
    name,
    category,
    contents: contents.value,
    defaultLocale,
    ...stringsOf(strings),
    requiredVariables,
    path: path ?? null,
  };
  return { kind: 'ok', value: { definition, active } };
}

/** What a template becomes under a merge patch, checked like a whole one. */
export function readPatched(
  current: TemplateContent,
  patch: Record<string, unknown>,
  principal: Principal,
): Checked<TemplateContent> {
  const short = (patch['channel'] ?? patch['variants'] ?? null) !== null;
  const wrongForm = short
    ? 'an existing template has contents: patch these, as in {"contents":{"email":{"variants":{…}}}}, and leave ' +
      'channel and variants out'
    : undefined;
  return readTemplate(mergePatch(documentOf(current), patch), principal, wrongForm);
}

function readContents(
  values: Partial<TemplateBody>,
  wrong: ReadonlySet<string>,
  wrongForm: string,
): {
  value: TemplateDefinition['contents'];
  errors: readonly FieldError[];
} {
  if (['contents', 'channel', 'variants', 'strings'].some((field) => wrong.has(field)))
    return { value: {}, errors: [] };
  const { contents, channel, variants, defaultLocale, strings } = values;
  const short = Boolean(channel ?? variants);
  if (Boolean(contents) === short || (short && !(channel && variants))) {
    const message = `contents: ${wrongForm}`;
    return { value: {}, errors: [{ pointer: '/contents', code: 'field.conflict', message }] };
  }
  const value = contents ?? shortContents(channel, variants);
  // Without a default locale the variants cannot be judged; that it is missing has been said already.
  if (defaultLocale === undefined) return { value, errors: [] };
  const errors = validateContent({ contents: value, defaultLocale, ...stringsOf(strings) }).map(
    (error): FieldError => {
      const pointer = contents ? error.pointer : error.pointer.replace(`/contents/${channel ?? ''}`, '');
      return { ...error, pointer };
    },
  );
  return { value, errors };
}

function shortContents(
  channel: ChannelName | null | undefined,
  variants: TemplateBody['variants'],
): TemplateDefinition['contents'] {
  return channel && variants ? { [channel]: { variants } } : {};
}

/** The fields that a client writes, as a document that a merge patch applies to. */
function documentOf({ definition, active }: TemplateContent) {
  return { ...definition, strings: definition.strings ?? {}, active };
}

export function viewOf(record: TemplateRecord): z.input<typeof templateView> {
  return {
    id: record.id,
    ...viewOfDefinition(record.definition),
    active: record.active,
    version: record.version,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    archivedAt: record.archivedAt?.toISOString() ?? null,
  };
}

export function viewOfDefinition(definition: TemplateDefinition) {
  const { name, category, contents, defaultLocale, strings = {}, requiredVariables, path } = definition;
  return {
    name,
    category,
    contents: contentsView(contents),
    defaultLocale,
    strings,
    requiredVariables,
    path,
  };
}

function contentsView(contents: TemplateDefinition['contents']): z.output<typeof templateView>['contents'] {
  return Object.fromEntries(
    Object.entries(contents).map(([channel, { variants }]) => [
      channel,
      {
        variants: Object.fromEntries(
          Object.entries(variants).map(([locale, variant]) => [locale, { ...variant }]),
        ),
      },
    ]),
  );
}
