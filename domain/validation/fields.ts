import { z } from 'zod';
import { sameJson } from '../json-equality';
import { because } from './check';

/** A field that only we write. It may stand in a body, so that what GET returns can be PUT, and is ignored there. */
export function readOnly(): z.ZodOptional<z.ZodUnknown> {
  return z.unknown().optional().meta({ readOnly: true, description: 'Ignored in a body.' });
}

/**
 * A field whose feature is not built yet: it accepts its default alone, and the document says so.
 * @param what the feature, in the plural.
 * @param until what holds until then, when the default would promise more.
 */
export function notBuilt<T>(value: T, what: string, until?: string): z.ZodType<T> {
  const state = `${what} are not built yet${until === undefined ? '' : `, and ${until}`}`;
  const isDefault = (given: unknown): given is T => sameJson(given, value);
  const message = `${state}: leave it out, or send its default ${JSON.stringify(value)}`;
  return z
    .unknown()
    .optional()
    .transform((given, context): T => {
      if (given === undefined || isDefault(given)) return value;
      context.addIssue({ code: 'custom', ...because('field.not-built', message) });
      return z.NEVER;
    })
    .meta({
      const: value,
      default: value,
      description: `${state}: accepts only its default.`,
    });
}

/** One of a list of values, of which some are not built yet: they are known, and refused for that reason. */
export function partlyBuilt<const T extends readonly [string, ...string[]]>(
  all: T,
  built: readonly string[],
  what: string,
) {
  return z
    .enum(all)
    .superRefine((value, context) => {
      if (built.includes(value)) return;
      const message = `the ${what} ${value} is not built yet: use ${built.join(' or ')}`;
      context.addIssue({ code: 'custom', ...because('field.not-built', message) });
    })
    .meta({ description: `Built so far: ${built.join(', ')}.` });
}

// C0, DEL and C1: what could break out of a log line, a header or a path.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** A text on one line. */
export function lineOfText(least: number, most: number): z.ZodString {
  return z
    .string()
    .min(least)
    .max(most)
    .refine((text) => !CONTROL.test(text), because('field.format', 'must not hold control characters'));
}

/** What people know a thing by: a line on which something can be seen. */
export function nameText(most: number): z.ZodString {
  return lineOfText(1, most).refine(
    (text) => text === '' || /[\p{L}\p{N}\p{P}\p{S}]/u.test(text),
    because('field.format', 'must not be blank'),
  );
}

/** An instant as we write it. */
export const instant = z.iso.datetime({ precision: 3 }).meta({ description: 'ISO 8601 in UTC.' });
