import type { Channel, OutgoingMessage, SendContext } from '../channels/channel';
import type { Ending } from '../domain/delivery/chain';
import type { ChannelName } from '../domain/delivery/channel';
import { passedOver } from '../domain/delivery/step';
import type { Step } from '../domain/delivery/step';
import type { Verdict } from '../domain/delivery/verdict';
import type { Instant } from '../domain/time/instant';
import { askInTurn, quietMsAfter, reasonOf, withinLife } from './attempt';
import type { Answer, AttemptTerms, Tried } from './attempt';
import { createJourney } from './journey';
import type { Itinerary, Place, RouteLeg, Told } from './journey';
import type { Lane } from './lane';
import type { Composed } from './render';

/** A claimed message. */
export interface Parcel extends Itinerary {
  /** By what its claim is known: a person of a page, or a message. */
  readonly key: string;
  readonly context: SendContext;
  /** Later than this nothing is sent. */
  readonly expiresAt: Instant;
  /** When what may stand in the way was last looked at: in the statement that claimed, or just after it. */
  readonly seenAt: Instant;
}

export type Delivered =
  | (Told & {
      readonly kind: 'settled';
      readonly ending: Ending;
      /** Of the text that was made last; null when there was none. */
      readonly locale: string | null;
      readonly at: Instant;
    })
  /** The page stops before the parcel was sent: somebody else goes on. */
  | (Told & { readonly kind: 'unsent' })
  /** What failed concerns more than this parcel: as unsent, and the page's to tell. */
  | (Told & { readonly kind: 'broken'; readonly error: unknown })
  /** Somebody else took the claim over: theirs to send and to record. */
  | { readonly kind: 'lost' };

/** What came of writing down where a message goes next. */
export type Moved =
  | 'moved'
  /** The claim is somebody else's. */
  | 'lost'
  /** Somebody with the address that the channel would write to has the message, or may have it. */
  | 'duplicate'
  /** Somebody with that address may get it or not: the next plan will know. */
  | 'contested';

export interface DeliveryTerms extends AttemptTerms {
  readonly laneOf: (key: string, provider: Channel) => Lane;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Makes the message for a channel; asked once each time that the message comes to it. */
  readonly compose: (key: string, channel: ChannelName) => Composed;
  /**
   * Writes down whom the message is handed to next, with what came of it so far. Asked before anybody is asked but the
   * one whom the ledger names: who finds the claim after a crash knows by whom a copy may have been accepted.
   */
  readonly move: (key: string, to: Place, steps: readonly Step[]) => Promise<Moved>;
  /** Told when an attempt is over, whatever came of it. */
  readonly attempted: (key: string, provider: Channel, result: Answer) => void;
}

/**
 * Sends one message to its end, along its chain of channels and providers: after a transient failure again, at the
 * next provider or on the next channel; after an unanswered attempt again by the same provider under the same message
 * id, unless `onUnknown` says `hold`. While it waits its lane is free for others. A message that may have been accepted
 * never ends as `failed` or `expired`: what is left of it is for a person to decide.
 */
export async function deliver(parcel: Parcel, terms: DeliveryTerms): Promise<Delivered> {
  const { key, route, context, expiresAt } = parcel;
  const journey = createJourney(parcel, terms.clock, terms.random);
  let { seenAt } = parcel;
  let text = null as Text | null;

  const unsent = (): Delivered => ({ ...journey.told(), kind: 'unsent' });
  const broken = (error: unknown): Delivered => ({ ...journey.told(), kind: 'broken', error });
  // Every message comes by here: spreading objects would cost more than all of its way.
  const settled = (ending: Ending): Delivered => {
    const { attempts, doubt, steps } = journey.toldWith(ending);
    const locale = text?.locale ?? null;
    return { kind: 'settled', attempts, doubt, steps, ending, locale, at: terms.clock() };
  };
  const settledHere = (verdict: Verdict): Delivered => settled(journey.endingHere(verdict));

  for (;;) {
    const next = journey.next();
    if (next.kind === 'end') return settled(next.ending);
    const { channel } = next;
    if (next.afterMs > 0) {
      await terms.sleep(withinLife(next.afterMs, parcel, terms));
      if (terms.stop.aborted) return unsent();
    }

    if (text?.channel !== channel) {
      const composed = terms.compose(key, channel);
      if (composed.kind === 'unreadable') return broken(composed.error);
      if (composed.kind === 'refused') {
        const { verdict } = composed;
        if (verdict.state === 'erased') return settledHere(verdict);
        journey.step(passedOver(channel, verdict));
        continue;
      }
      text = { channel, locale: composed.locale, message: composed.message };
      // Who claimed it looked at what stands in the way of that channel alone.
      if (channel !== parcel.begun.channel) seenAt = Number.NEGATIVE_INFINITY;
    }

    const provider = carrierOf(route, next);
    const barredMs = provider.barredMs?.() ?? 0;
    if (barredMs > 0 && journey.leavesIfBarred(next, barredMs)) {
      journey.step({ ...placeOf(next), result: 'unavailable', reason: null }, barredMs);
      continue;
    }

    let tried: Tried;
    try {
      if (!journey.isAt(next)) {
        const moved = await terms.move(key, placeOf(next), journey.told().steps);
        if (moved === 'lost') return { kind: 'lost' };
        if (moved === 'contested') return unsent();
        if (moved === 'duplicate') return settledHere({ state: 'duplicate', reason: null });
        journey.movedTo(placeOf(next));
      }
      const { message } = text;
      const { doubt } = journey.told();
      const waiting = { key, channel, message, context, expiresAt, seenAt, doubt };
      tried = await askInTurn(waiting, provider, terms.laneOf(key, provider), terms);
    } catch (error) {
      return broken(error);
    }

    switch (tried.kind) {
      case 'obstacle':
        return settledHere(tried.verdict);
      case 'lost':
        return { kind: 'lost' };
      case 'stopped':
        return unsent();
      case 'thrown':
        journey.step({ ...placeOf(next), result: 'unknown', reason: 'no-answer' });
        return broken(tried.error);
      case 'suppressed':
        journey.step({ channel, provider: null, result: 'suppressed', reason: tried.reason });
        break;
      case 'answered': {
        const { result } = tried;
        seenAt = Number.NEGATIVE_INFINITY;
        terms.attempted(key, provider, result);
        const came = { channel, provider: next.provider, result: result.kind, reason: reasonOf(result) };
        journey.step(came, quietMsAfter(result));
      }
    }
  }
}

interface Text {
  readonly channel: ChannelName;
  readonly locale: string;
  readonly message: OutgoingMessage;
}

function placeOf({ channel, provider }: Place): Place {
  return { channel, provider };
}

function carrierOf(route: readonly RouteLeg[], { channel, provider }: Place): Channel {
  const leg = route.find((one) => one.channel === channel);
  const carrier = leg?.providers.find((one) => one.provider === provider);
  if (!carrier) throw new RangeError(`The channel ${channel} has no provider ${provider}.`);
  return carrier;
}
