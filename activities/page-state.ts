import type { Channel } from '../channels/channel';
import type { ChannelName } from '../domain/delivery/channel';
import type { Instant } from '../domain/time/instant';
import type { Addresses } from './addresses';
import type { OccurrenceRef, PageRange } from './contract';
import type { Caps } from './caps';
import type { ActivityDeps } from './deps';
import type { Candidate, PageTerms } from './gate';
import type { SharedLane } from './lane';
import type { Leases } from './leases';
import type { OpenOccurrence } from './occurrence';
import type { OutcomeOfClaim, Outcomes } from './outcomes';
import type { PageDispatch } from './page-dispatch';
import type { PageLog } from './page-log';
import type { PageProgress } from './page-run';
import type { Recorder } from './record';

export type PageInput = OccurrenceRef & { at: Instant | null; range: PageRange; label?: string };

export interface PageDeps extends ActivityDeps {
  /** The lane of a provider, shared by all pages of the process. */
  readonly laneOf: (provider: Channel) => SharedLane;
}

/** What the steps of one attempt at a page share. */
export interface Page {
  readonly deps: PageDeps;
  readonly input: PageInput;
  readonly occurrence: OpenOccurrence;
  /** The channel of its schedule, and those that may stand in for it. */
  readonly channels: readonly [ChannelName, ...ChannelName[]];
  readonly outcomes: Outcomes;
  readonly caps: Caps;
  readonly dispatch: PageDispatch;
  readonly leases: Leases;
  readonly recorder: Recorder<OutcomeOfClaim>;
  readonly log: PageLog;
  readonly addresses: Addresses;
  /** Aborted when the page has to end, whatever the reason: `halted` is one. */
  readonly stop: AbortSignal;
  /** Aborted when its schedule was paused or changed: who is left belongs to the next plan. */
  readonly halted: AbortController;
  /** Aborted when its schedule was cancelled: who is left is recorded so. */
  readonly cancelled: AbortController;
  terms: PageTerms;
  /** Who has no row yet, because their address is on its way to somebody else. */
  rivals: readonly Candidate[];
  progress: PageProgress;
}
