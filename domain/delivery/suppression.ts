import { reasonOfCode } from './state';
import type { DeliveryReason } from './state';

/** Why a channel writes to an address no more (semantics.md "Delivery"); their codes are those of the ledger. */
export const SUPPRESSION_REASONS = [
  'manual',
  'complaint',
  'hard-bounce',
  'rejected-address',
] as const satisfies DeliveryReason[];

export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

/** Who found it out: a caller of the API, or the provider that refused a message. */
export const SUPPRESSION_SOURCES = ['api', 'provider'] as const;

export type SuppressionSource = (typeof SUPPRESSION_SOURCES)[number];

/** @throws RangeError when the code stands for no reason of a suppression. */
export function suppressionReasonOfCode(code: number): SuppressionReason {
  const name = reasonOfCode(code);
  const reason = SUPPRESSION_REASONS.find((one) => one === name);
  if (reason === undefined) throw new RangeError(`Nothing is suppressed for the reason ${name}.`);
  return reason;
}

/**
 * What the failure of a message says of its address: a provider that refuses the address will do so again. A message
 * that is refused for what it is, or a mailbox that is full, says nothing of later messages.
 */
export function suppressionAfter(reason: DeliveryReason | null): SuppressionReason | null {
  return reason === 'rejected-address' ? reason : null;
}
