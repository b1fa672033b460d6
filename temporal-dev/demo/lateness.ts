/** Milliseconds from the due instant to the provider's acceptance; null when nothing was sent. */
export interface Lateness {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export function latenessOf(milliseconds: readonly number[]): Lateness {
  const ascending = milliseconds.toSorted((a, b) => a - b);
  return {
    p50: percentile(ascending, 50),
    p99: percentile(ascending, 99),
    max: ascending.at(-1) ?? null,
  };
}

/** Nearest rank: a value that really occurred, at most which lie `percent` of all. */
export function percentile(ascending: readonly number[], percent: number): number | null {
  return ascending[Math.max(Math.ceil((percent / 100) * ascending.length), 1) - 1] ?? null;
}
