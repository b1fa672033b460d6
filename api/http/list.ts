import { z } from 'zod';
import type { Slice, Stretch } from '../../store/keyset';
import { invalidRequest } from '../errors/problem';
import { because } from '../../domain/validation/check';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** The parameters that every list has. */
export const listQuery = {
  limit: z
    .unknown()
    .optional()
    .transform((given, context): number => {
      if (given === undefined) return DEFAULT_LIMIT;
      const limit = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : Number.NaN;
      if (limit >= 1 && limit <= MAX_LIMIT) return limit;
      const code = Number.isNaN(limit) ? 'field.type' : 'field.range';
      const message = `must be a whole number from 1 to ${MAX_LIMIT}`;
      context.addIssue({ code: 'custom', ...because(code, message) });
      return z.NEVER;
    })
    .meta({
      type: 'integer',
      minimum: 1,
      maximum: MAX_LIMIT,
      default: DEFAULT_LIMIT,
      description: 'How many items to answer with at most.',
    }),
  cursor: z
    .string()
    .max(400)
    .optional()
    .meta({ description: '`nextCursor` of the answer before; without it the list starts at its beginning.' }),
};

export function listOf<T extends z.ZodType>(
  item: T,
  what: string,
): z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z
    .strictObject({
      items: z.array(item).meta({ description: what }),
      nextCursor: z
        .string()
        .nullable()
        .meta({ description: 'Give it as `cursor` to go on; null at the end.' }),
    })
    .meta({ examples: [{ items: item.meta()?.examples ?? [], nextCursor: null }] });
}

/**
 * Reads where a list goes on. A cursor is opaque to clients: the key of the last row, which `isKey` must know.
 * @throws ApiError naming the parameter when the cursor was not made by this list.
 */
export function sliceOf(
  query: { limit: number; cursor?: string | undefined },
  isKey: (key: string) => boolean,
): Slice {
  if (query.cursor === undefined) return { limit: query.limit, after: null };
  const key = Buffer.from(query.cursor, 'base64url').toString('utf8');
  if (!isKey(key) || cursorOf(key) !== query.cursor) {
    const message = 'query.cursor: was not made by this list; use nextCursor of the answer before, or none';
    throw invalidRequest([{ pointer: '/query/cursor', code: 'cursor.invalid', message }]);
  }
  return { limit: query.limit, after: key };
}

export function pageOf<Row, Item>(
  { items, next }: Stretch<Row>,
  view: (row: Row) => Item,
): { items: Item[]; nextCursor: string | null } {
  return { items: items.map(view), nextCursor: next === null ? null : cursorOf(next) };
}

function cursorOf(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}
