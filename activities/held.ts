import { isDoubt } from '../domain/delivery/doubt';
import type { ScheduleConfig } from '../domain/schedule/config';
import type { Claim } from '../store/ledger';
import { undecided } from '../domain/delivery/verdict';
import type { Verdict } from '../domain/delivery/verdict';

/**
 * What a claim is recorded as when its message may have been accepted already and its schedule wants a person to
 * decide on that (semantics.md "Delivery"); null when it is to be sent. It waits for that person even when the
 * schedule was cancelled meanwhile: a message that has left is not called back.
 */
export function heldForDecision(
  { reason }: Pick<Claim, 'reason'>,
  { onUnknown }: Pick<ScheduleConfig, 'onUnknown'>,
): Verdict | null {
  return onUnknown === 'hold' && isDoubt(reason) ? undecided(reason) : null;
}

/** That a message cannot be made any more, or is not to be sent, says nothing of one that may have been accepted. Erasure ends both. */
export function unlessDoubted({ reason }: Claim, verdict: Verdict): Verdict {
  return isDoubt(reason) && verdict.state !== 'erased' ? undecided(reason) : verdict;
}
