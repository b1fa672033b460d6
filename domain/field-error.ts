/**
 * What is wrong with one field of a document from outside. `pointer` (RFC 6901) leads to the field from the
 * document's root, `code` is stable, `message` names the field and the fix.
 */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

/** The names on the way that a pointer describes, as they are written. */
export function wayOf(pointer: string): string[] {
  const [, ...tokens] = pointer.split('/');
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Appends one reference token to a pointer, escaped as RFC 6901 section 3 asks. */
export function pointTo(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
