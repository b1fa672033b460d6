import type { InlineContent } from '../domain/content/content';
import type { ChannelName } from '../domain/delivery/channel';
import type { SuppressionReason } from '../domain/delivery/suppression';
import type { Verdict } from '../domain/delivery/verdict';
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

/** A candidate as one channel sees them, with what had to be looked up for it. */
export interface Addressee extends Candidate {
  readonly channel: ChannelName;
  /** Why the channel writes to their address no more; null when it may. */
  readonly suppression: SuppressionReason | null;
}

export type { Verdict };

/** Lets a person pass (null) or refuses them, whatever the channel. */
type Gate = (candidate: Candidate, terms: PageTerms) => Verdict | null;

/** Lets a person pass (null), or leaves them to the next channel. */
type ChannelGate = (addressee: Addressee, terms: PageTerms) => Verdict | null;

const cancelled: Gate = (_, terms) => (terms.cancelled ? CANCELLED : null);

const gapSkipped: Gate = ({ due }) => (due.kind === 'skipped' ? { state: 'skipped', reason: 'gap' } : null);

const late: Gate = ({ due }, { startedAt, config }) => {
  const verdict = judgeLateness(due.at, startedAt, config.late, config.expiresAfterMs);
  if (verdict.kind === 'send') return null;
  return { state: 'expired', reason: verdict.reason === 'late' ? 'late' : 'expired-message' };
};

const noAddress: ChannelGate = ({ person, channel }) => {
  const field = addressFieldOf(channel);
  return field !== null && person[field] === null ? { state: 'no-address', reason: null } : null;
};

const suppressed: ChannelGate = ({ suppression }) =>
  suppression && { state: 'suppressed', reason: suppression };

const noContent: ChannelGate = ({ channel }, { content }) => {
  if (content === null) return TEMPLATE_MISSING;
  return content.contents[channel] === undefined ? { state: 'failed', reason: 'no-content' } : null;
};

/** In the order in which they speak: the first refusal counts. */
const GATES: readonly Gate[] = [cancelled, gapSkipped, late];
const CHANNEL_GATES: readonly ChannelGate[] = [noAddress, suppressed, noContent];

export const CANCELLED: Verdict = { state: 'cancelled', reason: 'schedule-cancelled' };
export const TEMPLATE_MISSING: Verdict = { state: 'failed', reason: 'template-missing' };

export function judge(candidate: Candidate, terms: PageTerms): Verdict | null {
  return firstOf(GATES, candidate, terms);
}

/** For one channel alone: another may do. */
export function judgeOn(addressee: Addressee, terms: PageTerms): Verdict | null {
  return firstOf(CHANNEL_GATES, addressee, terms);
}

function firstOf<Person>(
  gates: readonly ((person: Person, terms: PageTerms) => Verdict | null)[],
  person: Person,
  terms: PageTerms,
): Verdict | null {
  for (const gate of gates) {
    const verdict = gate(person, terms);
    if (verdict) return verdict;
  }
  return null;
}
