/** What lies beyond `digits` decimals is noise. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
