import { pointTo, wayOf } from '../field-error';
import type { FieldError } from '../field-error';

/** No document of this API has a reason to nest deeper. */
const DEEPEST = 64;

/** Enough to find one's own mistake; a hostile body cannot make us write megabytes. */
const MOST_ERRORS = 20;

/**
 * Finds what parsed JSON may hold and nothing behind us can: NUL and lone surrogates, which Postgres refuses,
 * numbers that would silently lose digits, and `__proto__` as a name, which would change an object when it is copied.
 */
export function checkDocument(document: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const open: { value: unknown; way: Way | null; depth: number }[] = [
    { value: document, way: null, depth: 0 },
  ];
  for (let next = open.pop(); next && errors.length < MOST_ERRORS; next = open.pop()) {
    const { value, way, depth } = next;
    if (typeof value === 'string' && !isStorable(value)) {
      const pointer = pointerOf(way);
      errors.push({ pointer, code: 'text.invalid', message: `${fieldOf(pointer)}: ${UNSTORABLE}` });
    } else if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      const pointer = pointerOf(way);
      const message = `${fieldOf(pointer)}: the number is too large to be kept exactly; send it as a text`;
      errors.push({ pointer, code: 'field.range', message });
    } else if (typeof value === 'object' && value !== null) {
      if (depth === DEEPEST) {
        const message = `the document is nested more than ${DEEPEST} levels deep`;
        return [{ pointer: '', code: 'field.too-deep', message }];
      }
      for (const [name, inner] of Object.entries(value)) {
        if (name === '__proto__') {
          const message = `"__proto__" is a reserved name`;
          errors.push({ pointer: pointTo(pointerOf(way), name), code: 'name.reserved', message });
        } else if (!isStorable(name)) {
          const pointer = pointerOf(way);
          errors.push({
            pointer,
            code: 'text.invalid',
            message: `${fieldOf(pointer)}: a name within ${UNSTORABLE}`,
          });
        } else {
          open.push({ value: inner, way: { name, up: way }, depth: depth + 1 });
        }
      }
    }
  }
  return errors;
}

/** From a value to the document. A pointer is written only for what is wrong: millions of rows are not. */
interface Way {
  readonly name: string;
  readonly up: Way | null;
}

function pointerOf(way: Way | null): string {
  return way === null ? '' : pointTo(pointerOf(way.up), way.name);
}

const UNSTORABLE = 'holds a character that cannot be stored (NUL or half of a surrogate pair)';

/** Whether Postgres can keep the text. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && !/\p{Surrogate}/u.test(text);
}

/** How a message calls the place that a pointer leads to: `late.graceSeconds`, `tags.0`. */
export function fieldOf(pointer: string): string {
  if (pointer === '') return 'the body';
  return wayOf(pointer).join('.');
}
