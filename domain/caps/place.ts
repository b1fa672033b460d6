import type { DeliveryState } from '../delivery/state';

/** What a claim's message may have come to before the outcome that ends it. */
export type EarlierAttempts = 'none-accepted' | 'perhaps-accepted';

/** Ends that say of themselves that nothing more was sent. */
const UNSENT: ReadonlySet<DeliveryState> = new Set([
  'failed',
  'expired',
  'erased',
  'cancelled',
  'suppressed',
  'duplicate',
]);

/**
 * Whether a message keeps its place under the caps. It gives it back only when it is certain that no provider ever
 * accepted it (semantics.md "Caps"): an outcome after an attempt that was left unanswered is no such certainty.
 */
export function placeAfter(state: DeliveryState, earlier: EarlierAttempts): 'kept' | 'returned' {
  return UNSENT.has(state) && earlier === 'none-accepted' ? 'returned' : 'kept';
}
