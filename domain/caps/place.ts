import type { DeliveryState } from '../delivery/state';

/** What a claim's message may have come to before the outcome that ends it. */
export type EarlierAttempts = 'none-accepted' | 'perhaps-accepted';

/**
 * Whether a message keeps its place under the caps. It gives it back only when it is certain that no provider ever
 * accepted it (semantics.md "Caps"): an outcome after an attempt that was left unanswered is no such certainty.
 */
export function placeAfter(state: DeliveryState, earlier: EarlierAttempts): 'kept' | 'returned' {
  switch (state) {
    case 'failed':
    case 'expired':
    case 'erased':
    case 'cancelled':
      return earlier === 'none-accepted' ? 'returned' : 'kept';
    default:
      return 'kept';
  }
}
