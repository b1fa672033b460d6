/** A stretch of a list in its own order: at most `limit` rows after the one whose key is `after`. */
export interface Slice {
  readonly limit: number;
  /** Key of the last row of the stretch before; null starts at the beginning. */
  readonly after: string | null;
}

export interface Stretch<T> {
  readonly items: T[];
  /** Key to go on after; null when nothing follows. */
  readonly next: string | null;
}

/** Cuts what a query for `limit + 1` rows brought: the row too many only says that more follows. */
export function stretchOf<T>(rows: readonly T[], limit: number, keyOf: (row: T) => string): Stretch<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? keyOf(last) : null };
}
