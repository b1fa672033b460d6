import type { DeliveryReason, DeliveryState } from '../../domain/delivery/state';
import type { Instant } from '../../domain/time/instant';
import type { MailLog } from '../mail/mail-log';

/** The two campaigns of a round, to the same people at one instant, each with a cap of one message a day. */
export const CAMPAIGNS = ['First', 'Second'] as const;

export type CampaignName = (typeof CAMPAIGNS)[number];

/** A campaign's message to a person: `First person-17@example.com`. */
export type MessageKey = string;

export function messageKey(campaign: string, address: string): MessageKey {
  return `${campaign} ${address}`;
}

/** A worker that ended without having recorded everything. */
export interface Kill {
  readonly at: Instant;
  readonly worker: string;
  /** Who was claimed just after it, by whichever worker. */
  readonly inFlight: ReadonlySet<MessageKey>;
}

/** A row of the ledger. */
export interface Outcome {
  readonly campaign: string;
  readonly address: string;
  readonly state: DeliveryState;
  readonly reason: DeliveryReason | null;
}

/** People by state, in one campaign, as somebody counts them. */
export interface Count {
  readonly by: 'the ledger' | 'its counters' | 'the API' | 'the metrics';
  readonly campaign: string;
  readonly considered: number;
  readonly states: Readonly<Partial<Record<string, number>>>;
}

/** What is left in the end of what should be over. */
export interface Leftovers {
  readonly openOccurrences: number;
  readonly untoldCommands: number;
  /** Schedules by a status that is not `completed`. */
  readonly unfinished: readonly string[];
  /** Ids of workflows that run and are no steward's. */
  readonly workflows: readonly string[];
}

/** All that is known of a round when it is over; plain data, so that a rule can be tried without a server. */
export interface Evidence {
  readonly people: number;
  readonly mail: MailLog;
  readonly kills: readonly Kill[];
  readonly outcomes: readonly Outcome[];
  readonly counts: readonly Count[];
  /** By state, over both campaigns, as totals that survive restarts have it. */
  readonly totals: Readonly<Partial<Record<string, number>>>;
  readonly leftovers: Leftovers;
  /** Processes that ended though nobody had ended them. */
  readonly deaths: readonly string[];
  /** What workers logged of counters that they had to mend. */
  readonly mendedCounters: number;
  /** Why the round did not come to rest; null when it did. */
  readonly unrest: string | null;
}
