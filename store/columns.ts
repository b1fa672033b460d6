// Columns of a set, as parameters of `unnest` and the like. `pg` escapes arrays element by element, which costs more than
// the statement for what cannot need it.

/** An array of what is written without quotes: numbers, rids, timestamps, UUIDs. */
export function arrayOf(values: readonly (string | number | null)[]): string {
  let text = '{';
  for (const value of values) text += text === '{' ? (value ?? 'NULL') : `,${value ?? 'NULL'}`;
  return `${text}}`;
}

/** A column of few different values: those, and at which place of them, from 1 on, each row's stands. */
export interface Distinct<T> {
  readonly values: T[];
  readonly positions: number[];
}

/** @param keyOf the same for what counts as the same value */
export function distinct<T>(column: readonly T[], keyOf: (value: T) => unknown): Distinct<T> {
  const places = new Map<unknown, number>();
  const values: T[] = [];
  const positions = column.map((value) => {
    const key = keyOf(value);
    const known = places.get(key);
    if (known !== undefined) return known;
    values.push(value);
    places.set(key, values.length);
    return values.length;
  });
  return { values, positions };
}

/** The order of rids, which are decimal numbers of up to 19 digits. */
export function byRid(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}
