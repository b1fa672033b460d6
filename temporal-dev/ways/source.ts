/** Where a server comes from. */
export type Source =
  /** Somebody else runs it: nothing is started. */
  | { readonly kind: 'external'; readonly url: string; readonly variable: string }
  | { readonly kind: 'program'; readonly file: string; readonly from: string }
  | { readonly kind: 'image'; readonly image: string; readonly from: string };

/** A source that we have to start ourselves. */
export type LocalSource = Exclude<Source, { kind: 'external' }>;
