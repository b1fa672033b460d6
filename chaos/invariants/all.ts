import type { Evidence } from '../evidence/evidence';
import { countersNeededNoMending, countsAddUp } from './counts';
import { inboxHoldsAllSent, inboxHoldsNothingElse, oneMessageId, secondCopiesExplained } from './inbox';
import type { Finding, Invariant } from './invariant';
import { cappedForSomething, explainedOutcomes, oneFinalOutcome, oneMessageADay } from './outcomes';
import { nobodyDied, nothingWaits } from './rest';

const INVARIANTS: readonly Invariant[] = [
  oneFinalOutcome,
  explainedOutcomes,
  countsAddUp,
  countersNeededNoMending,
  inboxHoldsAllSent,
  inboxHoldsNothingElse,
  oneMessageId,
  secondCopiesExplained,
  oneMessageADay,
  cappedForSomething,
  nothingWaits,
  nobodyDied,
];

/** Holds the evidence of a round to everything that Sundial promises. */
export function judge(evidence: Evidence): Finding[] {
  return INVARIANTS.map((invariant) => ({
    sentence: invariant.sentence,
    violations: invariant.violations(evidence),
  }));
}
