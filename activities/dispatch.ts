import { setMaxListeners } from 'node:events';
import type { Channel } from '../channels/channel';
import type { ChannelName } from '../domain/delivery/channel';
import type { Step } from '../domain/delivery/step';
import type { Instant } from '../domain/time/instant';
import type { Obstacles } from '../store/last-look';
import type { Answer } from './attempt';
import { deliver } from './deliver';
import type { Delivered, DeliveryTerms, Moved, Parcel } from './deliver';
import type { ActivityDeps } from './deps';
import type { Place, Told } from './journey';
import type { Lane } from './lane';
import { createLastLook } from './last-look';
import type { PersonStanding } from './last-look';
import type { Composed } from './render';

/** What claimed messages are handed over to: sends them, many at a time, whoever they are for and wherever they come from. */
export interface Dispatch<P extends Parcel> {
  /** Puts a claimed message on the way. Several under one key are not on the way at once. */
  send(parcel: P): void;
  /** Whether a message is on the way. */
  carries(key: string): boolean;
  /** How many messages have had their first attempt. */
  attempted(): number;
  /** Resolves when fewer than `most` messages wait for their first attempt, or when `over` is aborted. */
  room(most: number, over?: AbortSignal): Promise<void>;
  /** Resolves when nothing is on the way. */
  rest(): Promise<Remainder<P>>;
}

/** What was left without an outcome by a stop, and what a delivery failed with that concerns more than its message. */
export interface Remainder<P extends Parcel> {
  readonly unsent: readonly Unsent<P>[];
  readonly failure: { readonly error: unknown } | null;
}

export interface Unsent<P extends Parcel> extends Told {
  readonly parcel: P;
}

/** What came of a message that is not left to anybody else. */
export type Settled = Extract<Delivered, { kind: 'settled' }>;

/** How the messages of one kind are made, looked after and recorded. */
export interface DispatchTerms<P extends Parcel> extends Pick<DeliveryTerms, 'stop' | 'cancelled' | 'holds'> {
  readonly laneOf: (parcel: P, provider: Channel) => Lane;
  /** Makes a message for a channel. */
  readonly compose: (parcel: P, channel: ChannelName) => Composed;
  /** What stands in the way of those who are about to be sent to on a channel, by key, in one statement. */
  readonly obstacles: (channel: ChannelName, waiting: readonly P[]) => Promise<Obstacles>;
  /** See `DeliveryTerms`. */
  readonly move: (parcel: P, to: Place, steps: readonly Step[]) => Promise<Moved>;
  /**
   * Told that a message's turn does not come before an instant, under its provider's rate. Says whether `room` waits for
   * its first attempt nonetheless.
   */
  readonly paced: (parcel: P, until: Instant) => 'waited-for' | 'passed-by';
  /** Told of every answer of a provider. */
  readonly attempted: (parcel: P, provider: Channel, result: Answer) => void;
  /** Told what came of a message; it is for the ledger. */
  readonly settled: (parcel: P, outcome: Settled) => void;
  /** Told that the claim on a message is somebody else's by now. */
  readonly lost: (parcel: P) => void;
}

export function createDispatch<P extends Parcel>(
  { clock, random, sleep }: Pick<ActivityDeps, 'clock' | 'random' | 'sleep'>,
  terms: DispatchTerms<P>,
): Dispatch<P> {
  const { stop, cancelled, holds } = terms;
  const onTheWay = new Set<Promise<void>>();
  const parcels = new Map<string, P>();
  const untried = new Set<string>();
  /** Those of them that room is waited for. */
  const unattempted = new Map<string, P>();
  const unsent: Unsent<P>[] = [];
  const looks = new Map<ChannelName, (key: string) => Promise<PersonStanding>>();
  let failure: Remainder<P>['failure'] = null;
  let noticeRoom: (() => void) | undefined;

  let seen = 0;
  const calledOff = AbortSignal.any([stop, cancelled]);
  // Everybody who waits for a retry listens.
  setMaxListeners(0, calledOff);

  function parcelOf(key: string): P {
    const parcel = parcels.get(key);
    if (!parcel) throw new RangeError(`Nothing is on the way under the key ${key}.`);
    return parcel;
  }

  function tellOfRoom(): void {
    noticeRoom?.();
  }

  function makeRoom(key: string): void {
    if (unattempted.delete(key)) tellOfRoom();
  }

  function attempted(key: string): void {
    if (!untried.delete(key)) return;
    seen += 1;
    makeRoom(key);
  }

  function lookOn(channel: ChannelName): (key: string) => Promise<PersonStanding> {
    const known = looks.get(channel);
    if (known) return known;
    const look = createLastLook(
      clock,
      () => [...unattempted.values()].filter(({ begun }) => begun.channel === channel).map(({ key }) => key),
      (keys) => terms.obstacles(channel, keys.map(parcelOf)),
    );
    looks.set(channel, look);
    return look;
  }

  const deliveryTerms: DeliveryTerms = {
    laneOf: (key, provider) => terms.laneOf(parcelOf(key), provider),
    clock,
    random,
    sleep: (ms) => sleep(ms, calledOff),
    stop,
    cancelled,
    holds,
    compose: (key, channel) => terms.compose(parcelOf(key), channel),
    move: (key, to, steps) => terms.move(parcelOf(key), to, steps),
    standing: (key, channel) => lookOn(channel)(key),
    paced(key, until) {
      if (terms.paced(parcelOf(key), until) === 'passed-by') makeRoom(key);
    },
    attempted(key, provider, result) {
      attempted(key);
      terms.attempted(parcelOf(key), provider, result);
    },
  };

  function finish(parcel: P, delivered: Delivered): void {
    switch (delivered.kind) {
      case 'settled':
        terms.settled(parcel, delivered);
        break;
      case 'broken':
        failure ??= { error: delivered.error };
        unsent.push({ ...delivered, parcel });
        break;
      case 'unsent':
        unsent.push({ ...delivered, parcel });
        break;
      case 'lost':
        terms.lost(parcel);
        break;
    }
  }

  return {
    send(parcel) {
      const { key } = parcel;
      parcels.set(key, parcel);
      untried.add(key);
      unattempted.set(key, parcel);
      const delivery = deliver(parcel, deliveryTerms)
        .then((delivered) => finish(parcel, delivered))
        .finally(() => {
          onTheWay.delete(delivery);
          parcels.delete(key);
          attempted(key);
        });
      onTheWay.add(delivery);
    },
    carries: (key) => parcels.has(key),
    attempted: () => seen,
    async room(most, over) {
      const isFull = () => unattempted.size >= most && !over?.aborted;
      over?.addEventListener('abort', tellOfRoom);
      while (isFull()) {
        await new Promise<void>((resolve) => {
          noticeRoom = resolve;
        });
      }
      over?.removeEventListener('abort', tellOfRoom);
    },
    async rest() {
      while (onTheWay.size > 0) await Promise.all(onTheWay);
      return { unsent, failure };
    },
  };
}
