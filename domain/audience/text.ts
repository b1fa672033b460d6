export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Neither can be stored by Postgres: U+0000 in any text, and halves of a surrogate pair in UTF-8.
// oxlint-disable-next-line no-control-regex
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/** A text that Postgres can hold, of at most `longest` UTF-16 units. */
export function isPlainText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest && !UNSTORABLE.test(value);
}
