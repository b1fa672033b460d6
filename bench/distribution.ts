import { percentile } from '../temporal-dev/demo/lateness';
import { rounded } from './rounded';

/** Percentiles of what was measured: each a value that really occurred. */
export interface Distribution {
  at(percent: number): number;
}

/** @param digits decimals that mean something */
export function distributionOf(values: readonly number[], digits: number): Distribution {
  const ascending = values.toSorted((a, b) => a - b);
  return { at: (percent) => rounded(percentile(ascending, percent) ?? Number.NaN, digits) };
}
