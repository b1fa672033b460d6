/** The one of some names that a text most likely meant; null when none is near. Case and blanks around it do not count. */
export function likeliest(text: string, names: readonly string[]): string | null {
  const wanted = text.trim().toLowerCase();
  const allowed = Math.min(3, Math.floor(wanted.length / 3));
  const [nearest] = names
    .map((name) => ({ name, slips: slipsBetween(name.toLowerCase(), wanted, allowed) }))
    .toSorted((a, b) => a.slips - b.slips);
  return nearest !== undefined && nearest.slips <= allowed ? nearest.name : null;
}

/** `; did you mean "gte"?`, or nothing when no name is near. */
export function suggestion(text: string, names: readonly string[]): string {
  const meant = likeliest(text, names);
  return meant === null ? '' : `; did you mean "${meant}"?`;
}

/** Letters to insert, drop, replace or swap with a neighbour to make one text of the other; Infinity beyond `limit`. */
export function slipsBetween(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) > limit) return Infinity;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      let slips = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        slips = Math.min(slips, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(slips);
    }
    beforeLast = last;
    last = row;
  }
  const slips = last[other.length] ?? 0;
  return slips <= limit ? slips : Infinity;
}
