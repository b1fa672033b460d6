/** Things of several tenants, apart, in the order of their ids. */
export function byTenant<T>(all: readonly T[], tenantOf: (one: T) => number): [number, T[]][] {
  const groups = new Map<number, T[]>();
  for (const one of all) {
    const group = groups.get(tenantOf(one));
    if (group) group.push(one);
    else groups.set(tenantOf(one), [one]);
  }
  return [...groups].toSorted(([a], [b]) => a - b);
}
