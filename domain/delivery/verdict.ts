import type { Doubt } from './doubt';
import type { DeliveryReason, DeliveryState } from './state';

/** What a person is recorded as, and why where the state alone does not say it. */
export interface Verdict {
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
}

/** Left to a person's decision: nobody knows whether it was accepted. */
export function undecided(doubt: Doubt): Verdict {
  return { state: 'unknown', reason: doubt };
}
