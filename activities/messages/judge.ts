import type { InlineContent } from '../../domain/content/content';
import { isDoubt } from '../../domain/delivery/doubt';
import type { SuppressionReason } from '../../domain/delivery/suppression';
import { undecided } from '../../domain/delivery/verdict';
import type { Verdict } from '../../domain/delivery/verdict';
import { addressFieldOf } from '../../domain/recipient/address';
import type { Instant } from '../../domain/time/instant';
import type { PersonRow } from '../../store/audience';
import type { ReadyMessage } from '../../store/messages/pick';

/** A message with what had to be looked up for it. */
export interface Candidate {
  readonly message: ReadyMessage;
  readonly person: PersonRow;
  /** Why its channel writes to the person's address no more; null when it may. */
  readonly suppression: SuppressionReason | null;
  /** Null when its template is missing or not active. */
  readonly content: InlineContent | null;
}

/** Lets a message pass (null) or refuses it. */
type Gate = (candidate: Candidate, now: Instant) => Verdict | null;

const expired: Gate = ({ message }, now) =>
  now > message.expiresAt ? { state: 'expired', reason: 'expired-message' } : null;

const noAddress: Gate = ({ message, person }) => {
  const field = addressFieldOf(message.channel);
  return field !== null && person[field] === null ? { state: 'no-address', reason: null } : null;
};

const suppressed: Gate = ({ suppression }) => suppression && { state: 'suppressed', reason: suppression };

const noContent: Gate = ({ message, content }) => {
  if (content === null) return { state: 'failed', reason: 'template-missing' };
  return content.contents[message.channel] === undefined ? { state: 'failed', reason: 'no-content' } : null;
};

/** In the order in which they speak, as for the people of a page (activities/gate.ts): the first refusal counts. */
const GATES: readonly Gate[] = [expired, noAddress, suppressed, noContent];

export function judgeMessage(candidate: Candidate, now: Instant): Verdict | null {
  for (const gate of GATES) {
    const verdict = gate(candidate, now);
    if (verdict) return unlessMayBeSent(candidate.message, verdict);
  }
  return null;
}

export const ERASED: Verdict = { state: 'erased', reason: 'key-destroyed' };

/** That a message is not to be sent says nothing of a copy that may have been accepted. */
export function unlessMayBeSent({ reason }: Pick<ReadyMessage, 'reason'>, verdict: Verdict): Verdict {
  return isDoubt(reason) ? undecided(reason) : verdict;
}
