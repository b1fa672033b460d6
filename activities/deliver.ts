import type { Channel, OutgoingMessage, SendResult } from '../channels/channel';
import { hasExpired } from '../domain/late/late';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { CANCELLED } from './gate';
import type { Verdict } from './gate';
import type { Lane } from './lane';

/** A claimed person's message. */
export interface Parcel {
  readonly rid: string;
  readonly message: OutgoingMessage;
  readonly due: Instant;
  /** Attempts of owners before this one. */
  readonly attempts: number;
}

export type Delivered =
  | { readonly kind: 'settled'; readonly verdict: Verdict; readonly attempts: number; readonly at: Instant }
  /** The page stops before the parcel was sent: somebody else goes on after `attempts`. */
  | { readonly kind: 'unsent'; readonly attempts: number }
  /** Somebody else took the claim over: theirs to send and to record. */
  | { readonly kind: 'lost' };

export interface DeliveryTerms {
  readonly channel: Channel;
  readonly lane: Lane;
  readonly expiresAfterMs: number;
  readonly clock: () => Instant;
  readonly random: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly stop: AbortSignal;
  /** Aborted when the schedule was cancelled. */
  readonly cancelled: AbortSignal;
  /** Whether the claim is still ours; asked just before every attempt. */
  readonly holds: (rid: string) => Promise<boolean>;
  /** What became of schedule and person meanwhile; asked before every retry. */
  readonly standing: (rid: string) => Promise<'stands' | 'cancelled' | 'erased'>;
  /** Told when an attempt is over, whatever came of it. */
  readonly attempted: (rid: string, result: SendResult) => void;
}

/** semantics.md "Delivery": `retry: { max: 3, firstSeconds: 2, factor: 4 }`. */
const RETRY = { max: 3, firstMs: 2 * SECOND, factor: 4 };

/**
 * Sends one message to its end. A transient failure and an unanswered attempt are retried alike, under the same
 * message id; while one waits for its retry the lane is free for others.
 */
export async function deliver(parcel: Parcel, terms: DeliveryTerms): Promise<Delivered> {
  const { clock, stop } = terms;
  const settled = (verdict: Verdict, attempts: number): Delivered => ({
    kind: 'settled',
    verdict,
    attempts,
    at: clock(),
  });

  let attempts = parcel.attempts;
  for (;;) {
    const obstacle = await obstacleTo(parcel, attempts, terms);
    if (obstacle) return settled(obstacle, attempts);

    const result = await terms.lane.run(async (): Promise<SendResult | 'cancelled' | 'stopped' | 'lost'> => {
      if (terms.cancelled.aborted) return 'cancelled';
      if (stop.aborted) return 'stopped';
      if (!(await terms.holds(parcel.rid))) return 'lost';
      return terms.channel.send(parcel.message);
    });
    if (result === 'cancelled') return settled(CANCELLED, attempts);
    if (result === 'lost') return { kind: 'lost' };
    if (result === 'stopped') return { kind: 'unsent', attempts };

    attempts += 1;
    terms.attempted(parcel.rid, result);
    switch (result.kind) {
      case 'accepted':
        return settled({ state: 'sent', reason: null }, attempts);
      case 'rejected':
        return settled({ state: 'failed', reason: result.reason }, attempts);
      case 'transient':
      case 'unknown': {
        if (attempts > RETRY.max) return settled(PROVIDER_UNAVAILABLE, attempts);
        const atLeast = result.kind === 'transient' ? (result.retryAfterMs ?? 0) : 0;
        await terms.sleep(Math.max(backOffMs(attempts, terms.random), atLeast), stop);
        if (stop.aborted) return { kind: 'unsent', attempts };
      }
    }
  }
}

const PROVIDER_UNAVAILABLE: Verdict = { state: 'failed', reason: 'provider-unavailable' };

/** What ends the message before its next attempt. A first attempt follows its claim, which has just looked. */
async function obstacleTo(parcel: Parcel, attempts: number, terms: DeliveryTerms): Promise<Verdict | null> {
  if (attempts > RETRY.max) return PROVIDER_UNAVAILABLE;
  if (hasExpired(parcel.due, terms.clock(), terms.expiresAfterMs)) {
    return { state: 'expired', reason: 'expired-message' };
  }
  if (attempts === 0) return null;
  switch (await terms.standing(parcel.rid)) {
    case 'stands':
      return null;
    case 'cancelled':
      return CANCELLED;
    case 'erased':
      return { state: 'erased', reason: 'key-destroyed' };
  }
}

/** 2 s, 8 s, 32 s, each spread by a fifth to both sides. */
function backOffMs(attempts: number, random: () => number): number {
  return RETRY.firstMs * RETRY.factor ** (attempts - 1) * (0.8 + 0.4 * random());
}
