import { REASON_CODES } from './state';
import type { DeliveryReason } from './state';
import { SUPPRESSION_REASONS, suppressionAfter, suppressionReasonOfCode } from './suppression';

describe('the reasons of suppressions', () => {
  it('come back from their codes', () => {
    const codes = SUPPRESSION_REASONS.map((reason) => REASON_CODES[reason]);
    expect(codes.map(suppressionReasonOfCode)).toEqual(SUPPRESSION_REASONS);
  });

  it('are not those of other outcomes', () => {
    expect(() => suppressionReasonOfCode(REASON_CODES['template-error'])).toThrow('template-error');
  });
});

describe('a failed message', () => {
  it('suppresses its address only when the provider refused that', () => {
    const reasons = Object.keys(REASON_CODES) as DeliveryReason[];
    expect(reasons.filter((reason) => suppressionAfter(reason) !== null)).toEqual(['rejected-address']);
    expect(suppressionAfter(null)).toBeNull();
  });
});
