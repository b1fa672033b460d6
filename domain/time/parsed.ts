/** What became of a text that somebody typed: its value, or a sentence that tells them what is wrong with it. */
export type Parsed<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly reason: string };

export const ok = <T>(value: T): Parsed<T> => ({ kind: 'ok', value });

export const refused = (reason: string): { readonly kind: 'refused'; readonly reason: string } => ({
  kind: 'refused',
  reason,
});
