import { z } from 'zod';
import { pointTo } from '../field-error';
import type { FieldError } from '../field-error';
import { suggestion } from '../likeness';
import type { FieldErrorCode } from './field-codes';
import { fieldOf } from './document';

export type Checked<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] };

/** Somebody who sends a thousand unknown fields has not misspelt them. */
const MOST_SUGGESTIONS = 10;

/** An issue does not know the fields of its schema: for an unknown one they stand where its message would. */
const PARSING: z.core.ParseContext<z.core.$ZodIssue> = {
  reportInput: true,
  error: ({ code, inst }) =>
    code === 'unrecognized_keys' && inst instanceof z.ZodObject ? Object.keys(inst.shape).join() : undefined,
};

/**
 * Checks a value against a schema and names every wrong field at once.
 * @param base pointer of the value within the request: '' for the body, `/query`, `/path`.
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, base = ''): Checked<T> {
  const result = schema.safeParse(value, PARSING);
  if (result.success) return { kind: 'ok', value: result.data };
  return { kind: 'refused', errors: result.error.issues.flatMap((issue) => errorsOf(issue, base)) };
}

/** What became of an object of which some fields may be wrong: the others can be judged together all the same. */
export interface CheckedFields<T> {
  readonly values: Partial<T>;
  /** Names of the fields that are wrong: what is absent from `values` may also be absent by right. */
  readonly wrong: ReadonlySet<string>;
  readonly errors: readonly FieldError[];
}

/** As `check`, but gives the right fields even when others are wrong, so that rules across fields still speak. */
export function checkFields<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  document: unknown,
  base = '',
): CheckedFields<z.output<z.ZodObject<Shape>>> {
  const whole = schema.safeParse(document, PARSING);
  if (whole.success) return { values: whole.data, wrong: new Set(), errors: [] };
  const { issues } = whole.error;
  const errors = issues.flatMap((issue) => errorsOf(issue, base));
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
  const fields = Object.keys(schema.shape);
  const wrong = new Set(isObject ? issues.map(({ path: [field] }) => String(field)) : fields);
  const values: Partial<z.output<z.ZodObject<Shape>>> = {};
  for (const field of fields) {
    if (!isObject || wrong.has(field)) continue;
    // Unknown fields leave no field behind, and a refinement of the whole never runs here: each field stands alone.
    const parsed = z.safeParse(schema.shape[field] ?? z.never(), Reflect.get(document, field));
    if (parsed.success) Reflect.set(values, field, parsed.data);
  }
  return { values, wrong, errors };
}

/** An issue of a schema's own `refine`, with a code of ours: `z.….refine(test, because('zone.unknown', '…'))`. */
export function because(
  code: FieldErrorCode,
  message: string,
): { message: string; params: { code: FieldErrorCode } } {
  return { message, params: { code } };
}

function errorsOf(issue: z.core.$ZodIssue, base: string): FieldError[] {
  const pointer = issue.path.reduce<string>((at, step) => pointTo(at, String(step)), base);
  const field = fieldOf(pointer);
  const error = (code: FieldErrorCode, sentence: string): FieldError[] => [
    { pointer, code, message: `${field}: ${sentence}` },
  ];
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? error('field.required', `is required and must be ${nameOfType(issue.expected)}`)
        : error('field.type', `must be ${nameOfType(issue.expected)}, not ${typeOf(issue.input)}`);
    case 'unrecognized_keys':
      return issue.keys.map((key, index) => ({
        pointer: pointTo(pointer, key),
        code: 'field.unknown',
        message:
          `${fieldOf(pointTo(pointer, key))}: there is no such ${base === '/query' ? 'parameter' : 'field'}` +
          (index < MOST_SUGGESTIONS ? suggestion(key, issue.message.split(',')) : ''),
      }));
    case 'invalid_value':
      return issue.input === undefined
        ? error('field.required', `is required: one of ${issue.values.join(', ')}`)
        : error(
            'field.value',
            `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`,
          );
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? error('field.range', `must be at least ${issue.minimum}`)
        : error('field.too-short', tooShort(issue.minimum, unitOf(issue.origin)));
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? error('field.range', `must be at most ${issue.maximum}`)
        : error('field.too-long', `must have at most ${issue.maximum} ${unitOf(issue.origin)}`);
    case 'custom':
      return error(codeOf(issue.params) ?? 'field.value', issue.message);
    case 'invalid_format':
      return error('field.format', issue.message);
    case 'invalid_key':
    case 'invalid_element':
      return error('field.format', issue.issues[0]?.message ?? issue.message);
    case 'invalid_union':
    case 'not_multiple_of':
      return error('field.value', issue.message);
  }
}

function codeOf(params: Record<string, unknown> | undefined): FieldErrorCode | undefined {
  // Only `because` sets params, and its codes are checked by the compiler.
  return params?.['code'] as FieldErrorCode | undefined;
}

const TYPE_NAMES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function nameOfType(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : (TYPE_NAMES[typeof value] ?? typeof value);
}

function tooShort(least: number | bigint, unit: string): string {
  return Number(least) === 1 ? 'must not be empty' : `must have at least ${least} ${unit}`;
}

function unitOf(origin: string): string {
  return origin === 'string' ? 'characters' : 'entries';
}
