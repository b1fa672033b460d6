import type { Channel } from '../channels/channel';
import { after, endingOf, isOutOfPatience, nextOf, resume } from '../domain/delivery/chain';
import type { Begun, Chain, Ending, Next } from '../domain/delivery/chain';
import type { ChannelName } from '../domain/delivery/channel';
import { isDoubt } from '../domain/delivery/doubt';
import type { Doubt, OnUnknown } from '../domain/delivery/doubt';
import { impliedResult, isAttempt } from '../domain/delivery/step';
import type { Step } from '../domain/delivery/step';
import type { Verdict } from '../domain/delivery/verdict';
import type { Instant } from '../domain/time/instant';

/** A channel that may carry a message, with its providers in the order in which they are asked. */
export interface RouteLeg {
  readonly channel: ChannelName;
  readonly providers: readonly Channel[];
}

/** Whom the ledger names as the one who carries a message, before anything is asked of them. */
export interface Place {
  readonly channel: ChannelName;
  readonly provider: string;
}

/** Where a message can go, and where it has come to. */
export interface Itinerary {
  /** The channels in the order in which they are tried. */
  readonly route: readonly RouteLeg[];
  readonly onUnknown: OnUnknown;
  /** What those who had it before left. */
  readonly begun: Begun;
  /** Channels that were passed over before it was claimed. */
  readonly passedOver: readonly Step[];
}

/** What is told of a message whatever became of it. */
export interface Told {
  /** Attempts that count, those of owners before included. */
  readonly attempts: number;
  /** Whether an attempt may have been accepted. */
  readonly doubt: Doubt | null;
  /** What the ledger does not know yet. */
  readonly steps: readonly Step[];
}

/** One message on its way along its chain (domain/delivery/chain.ts), and what of that is not written down yet. */
export interface Journey {
  next(): Next;
  /**
   * Notes a step. What costs no try and moves the message nowhere is not told.
   * @param forMs how long its provider wants to be left alone.
   */
  step(step: Omit<Step, 'at'>, forMs?: number): void;
  /** Whether a provider that is given up for so long would leave the message to somebody who can be asked at once. */
  leavesIfBarred(place: Place, forMs: number): boolean;
  /** Whether the ledger names this provider. */
  isAt(place: Place): boolean;
  /** The ledger names it now, and knows all steps so far. */
  movedTo(place: Place): void;
  /** An ending here, that comes from without. */
  endingHere(verdict: Verdict): Ending;
  told(): Told;
  /** As `told`, without the one step that the outcome says by itself. */
  toldWith(ending: Ending): Told;
}

export function createJourney(
  { route, onUnknown, begun, passedOver }: Itinerary,
  clock: () => Instant,
  random: () => number,
): Journey {
  const chain: Chain = { legs: route, onUnknown };
  let progress = passedOver.reduce((so, step) => after(chain, so, step), resume(chain, begun));
  let steps = passedOver;
  let written = begun.trail.length > 0;
  let { attempts } = begun;
  let place = placeOf(route, begun);

  const tell = (told: readonly Step[]): Told => {
    return { attempts, doubt: isDoubt(progress.bound) ? progress.bound : null, steps: told };
  };

  return {
    next: () => nextOf(chain, progress, clock(), random),
    step(one, forMs = 0) {
      const { channel, provider, result, reason } = one;
      const step: Step = { channel, provider, at: clock(), result, reason };
      const before = progress;
      progress = after(chain, progress, step, forMs);
      const counts = isAttempt(step) || (step.result === 'rate-limited' && isOutOfPatience(before));
      if (counts) attempts += 1;
      const stays = progress.leg === before.leg && progress.provider === before.provider && !progress.ended;
      if (counts || !stays) steps = steps.length === 0 ? [step] : [...steps, step];
    },
    leavesIfBarred({ channel, provider }, forMs) {
      const step: Step = { channel, provider, at: clock(), result: 'unavailable', reason: null };
      const { leg, provider: other, ended } = after(chain, progress, step, forMs);
      return ended === null && (leg !== progress.leg || other !== progress.provider);
    },
    isAt: ({ channel, provider }) => place?.channel === channel && place.provider === provider,
    movedTo(to) {
      place = to;
      written ||= steps.length > 0;
      steps = [];
    },
    endingHere: (verdict) => endingOf(chain, progress, verdict),
    told: () => tell(steps),
    toldWith({ verdict }) {
      const [only, ...others] = steps;
      const alone = !written && begun.attempts === 0 && others.length === 0;
      const implied = alone && only?.result === impliedResult(verdict.state, verdict.reason);
      return tell(implied ? [] : steps);
    },
  };
}

/** Null when the ledger names nobody. */
function placeOf(route: readonly RouteLeg[], { channel, provider }: Begun): Place | null {
  const first = route.find((leg) => leg.channel === channel)?.providers[0]?.provider;
  const carrier = provider ?? first;
  return channel === null || carrier === undefined ? null : { channel, provider: carrier };
}
