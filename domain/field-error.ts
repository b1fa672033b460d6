/**
 * What is wrong with one field of a document from outside. `pointer` (RFC 6901) leads to the field from the
 * document's root, `code` is stable, `message` names the field and the fix.
 */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** Appends one reference token to a pointer, escaped as RFC 6901 section 3 asks. */
export function pointTo(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
