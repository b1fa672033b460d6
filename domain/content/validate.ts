import { CHANNEL_CODES, CHANNEL_NAMES } from '../delivery/channel';
import { pointTo } from '../field-error';
import type { FieldError } from '../field-error';
import { compileTemplate, TemplateSyntaxError } from './compiled-template';
import type { StringTables } from './content';
import { chooseLocale, isLocaleTag } from './locale';
import { phraseProblem, validateStrings } from './validate-strings';

/** Content as it comes from outside: well typed, not yet known to make sense. */
export interface DraftContent {
  readonly contents: Readonly<
    Record<string, { readonly variants: Readonly<Record<string, DraftVariant>> } | undefined>
  >;
  readonly defaultLocale: string;
  readonly strings?: StringTables | undefined;
  readonly requiredVariables?: readonly string[] | undefined;
}

interface DraftVariant {
  readonly subject?: string | undefined;
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly html?: string | undefined;
}

const FIELDS = ['subject', 'title', 'body', 'html'] as const;

/** Names everything that keeps a template or inline content from being sent; pointers start at the content. */
export function validateContent(draft: DraftContent): FieldError[] {
  const channels = Object.entries(draft.contents);
  const errors = channels.flatMap(([channel, content]) => {
    const pointer = pointTo('/contents', channel);
    return Object.hasOwn(CHANNEL_CODES, channel)
      ? validateVariants(content?.variants ?? {}, draft, pointer)
      : [
          error(
            pointer,
            'field.value',
            `${channel.slice(0, 60)} is no channel: use ${CHANNEL_NAMES.join(', ')}`,
          ),
        ];
  });
  errors.push(...validateStrings(draft.strings ?? {}));
  if (channels.length === 0) {
    errors.push(error('/contents', 'field.required', 'contents: must hold at least one channel'));
  }
  if (!isLocaleTag(draft.defaultLocale)) {
    errors.push(
      error('/defaultLocale', 'locale.invalid', 'defaultLocale: must be a locale such as en or de-AT'),
    );
  }
  return errors;
}

function validateVariants(
  variants: Readonly<Record<string, DraftVariant>>,
  draft: DraftContent,
  channelPointer: string,
): FieldError[] {
  const pointer = `${channelPointer}/variants`;
  const { defaultLocale } = draft;
  const errors = Object.entries(variants).flatMap(([locale, variant]) => {
    const at = pointTo(pointer, locale);
    return isLocaleTag(locale)
      ? validateVariant(variant, draft, at)
      : [error(at, 'locale.invalid', `${locale.slice(0, 60)} is no locale: use a tag such as en or de-AT`)];
  });
  if (chooseLocale(variants, null, defaultLocale) === null) {
    errors.push(
      error(
        pointer,
        'field.conflict',
        `variants: none answers for the default locale ${defaultLocale.slice(0, 60)}; add it, or choose another defaultLocale`,
      ),
    );
  }
  return errors;
}

function validateVariant(variant: DraftVariant, draft: DraftContent, pointer: string): FieldError[] {
  const errors = FIELDS.flatMap((field) => {
    const source = variant[field];
    return source === undefined ? [] : validateText(source, field, draft, pointTo(pointer, field));
  });
  const problem = wordsProblem(variant);
  if (problem !== null) errors.push(error(pointTo(pointer, 'body'), 'field.required', problem));
  return errors;
}

function wordsProblem({ body, html }: DraftVariant): string | null {
  if (!isBlank(body)) return null;
  if (isBlank(html)) return 'body: is required and must not be empty';
  return body === undefined ? null : 'body: must not be empty; leave it out to have the text made from html';
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === '';
}

function validateText(source: string, field: string, draft: DraftContent, pointer: string): FieldError[] {
  try {
    const problem = phraseProblem(compileTemplate(source), draft.strings ?? {}, draft.defaultLocale);
    return problem === null ? [] : [error(pointer, 'field.conflict', `${field}: ${problem}`)];
  } catch (problem) {
    if (problem instanceof TemplateSyntaxError) {
      return [error(pointer, 'field.format', `${field}: is not valid Mustache: ${problem.message}`)];
    }
    throw problem;
  }
}

function error(pointer: string, code: string, message: string): FieldError {
  return { pointer, code, message };
}
