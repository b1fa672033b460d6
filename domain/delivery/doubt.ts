import type { DeliveryReason } from './state';

/**
 * What becomes of a message of which nobody knows whether it was accepted (semantics.md "Delivery"): sent again under
 * the same id, or left to a person's decision. It is never handed to another provider.
 */
export const ON_UNKNOWN = ['resend', 'hold'] as const;

export type OnUnknown = (typeof ON_UNKNOWN)[number];

/** Why nobody knows: the provider never answered, or whoever sent it was gone before they could record the answer. */
export type Doubt = Extract<DeliveryReason, 'no-answer' | 'owner-lost'>;

/** What a person may make of such a message. */
export const DECISIONS = ['resend', 'sent', 'failed'] as const;

export type Decision = (typeof DECISIONS)[number];

export function isDoubt(reason: DeliveryReason | null): reason is Doubt {
  return reason === 'no-answer' || reason === 'owner-lost';
}
