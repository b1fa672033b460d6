import type { InlineContent } from '../domain/content/content';
import type { DeliveryReason, DeliveryState } from '../domain/delivery/state';
import type { SuppressionReason } from '../domain/delivery/suppression';
import { judgeLateness } from '../domain/late/late';
import { addressFieldOf } from '../domain/recipient/address';
import type { ScheduleConfig } from '../domain/schedule/config';
import type { Instant } from '../domain/time/instant';
import type { PersonRow } from '../store/audience';
import type { Due } from './due';

/** What holds for everybody of a page. */
export interface PageTerms {
  /** When the page started: lateness is judged once, then (semantics.md "Late"). */
  readonly startedAt: Instant;
  readonly config: ScheduleConfig;
  /** Null when the schedule's template is missing or not active. */
  readonly content: InlineContent | null;
  readonly cancelled: boolean;
}

export interface Candidate {
  readonly person: PersonRow;
  readonly due: Due;
}

/** A candidate with what had to be looked up of them. */
export interface Known extends Candidate {
  /** Why nothing is sent to their address; null when it may be. */
  readonly suppression: SuppressionReason | null;
}

/** Why a person is not sent to. */
export interface Verdict {
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
}

/** Lets a person pass (null) or refuses them. */
type Gate = (candidate: Known, terms: PageTerms) => Verdict | null;

const cancelled: Gate = (_, terms) => (terms.cancelled ? CANCELLED : null);

const gapSkipped: Gate = ({ due }) => (due.kind === 'skipped' ? { state: 'skipped', reason: 'gap' } : null);

const late: Gate = ({ due }, { startedAt, config }) => {
  const verdict = judgeLateness(due.at, startedAt, config.late, config.expiresAfterMs);
  if (verdict.kind === 'send') return null;
  return { state: 'expired', reason: verdict.reason === 'late' ? 'late' : 'expired-message' };
};

const noContent: Gate = (_, { config, content }) => {
  if (content === null) return { state: 'failed', reason: 'template-missing' };
  return content.contents[config.channel] === undefined ? { state: 'failed', reason: 'no-content' } : null;
};

const suppressed: Gate = ({ suppression }) => suppression && { state: 'suppressed', reason: suppression };

const noAddress: Gate = ({ person }, { config }) => {
  const field = addressFieldOf(config.channel);
  return field !== null && person[field] === null ? { state: 'no-address', reason: null } : null;
};

/** In the order in which they speak: the first refusal counts. */
const GATES: readonly Gate[] = [cancelled, gapSkipped, late, noAddress, suppressed, noContent];

export const CANCELLED: Verdict = { state: 'cancelled', reason: 'schedule-cancelled' };

export function judge(candidate: Known, terms: PageTerms): Verdict | null {
  for (const gate of GATES) {
    const verdict = gate(candidate, terms);
    if (verdict) return verdict;
  }
  return null;
}
