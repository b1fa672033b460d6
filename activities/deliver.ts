import type { Channel, OutgoingMessage, SendResult } from '../channels/channel';
import { hasExpired } from '../domain/late/late';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { CANCELLED } from './gate';
import type { Verdict } from './gate';
import type { Lane } from './lane';
import { FRESH_MS } from './last-look';
import type { PersonStanding } from './last-look';

/** A claimed person's message. */
export interface Parcel {
  readonly rid: string;
  readonly message: OutgoingMessage;
  readonly due: Instant;
  /** Attempts of owners before this one. */
  readonly attempts: number;
  /** When schedule and person were last looked at: in the statement that claimed, or just after it. */
  readonly seenAt: Instant;
}

export type Delivered =
  | { readonly kind: 'settled'; readonly verdict: Verdict; readonly attempts: number; readonly at: Instant }
  /** The page stops before the parcel was sent: somebody else goes on after `attempts`. */
  | { readonly kind: 'unsent'; readonly attempts: number }
  /** Somebody else took the claim over: theirs to send and to record. */
  | { readonly kind: 'lost' };

type Tried =
  | { readonly kind: 'attempt'; readonly result: SendResult }
  | { readonly kind: 'obstacle'; readonly verdict: Verdict }
  | { readonly kind: 'stopped' }
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
  /** What became of schedule and person meanwhile; asked just before an attempt, unless somebody has just looked. */
  readonly standing: (rid: string) => Promise<PersonStanding>;
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

  let { attempts, seenAt } = parcel;
  for (;;) {
    const tried = await terms.lane.run(async (): Promise<Tried> => {
      if (stop.aborted) return { kind: 'stopped' };
      if (!(await terms.holds(parcel.rid))) return { kind: 'lost' };
      // Inside the lane, because a person may be erased or a message expire while it waits in line.
      const obstacle = await obstacleTo({ ...parcel, attempts, seenAt }, terms);
      if (obstacle) return { kind: 'obstacle', verdict: obstacle };
      return { kind: 'attempt', result: await terms.channel.send(parcel.message) };
    });
    if (tried.kind === 'obstacle') return settled(tried.verdict, attempts);
    if (tried.kind === 'lost') return { kind: 'lost' };
    if (tried.kind === 'stopped') return { kind: 'unsent', attempts };

    const { result } = tried;
    seenAt = Number.NEGATIVE_INFINITY;
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

/** What ends the message before its next attempt (semantics.md "Quiet hours and compliance windows", on erasure). */
async function obstacleTo(parcel: Parcel, terms: DeliveryTerms): Promise<Verdict | null> {
  if (terms.cancelled.aborted) return CANCELLED;
  if (parcel.attempts > RETRY.max) return PROVIDER_UNAVAILABLE;
  const now = terms.clock();
  if (hasExpired(parcel.due, now, terms.expiresAfterMs))
    return { state: 'expired', reason: 'expired-message' };
  if (now - parcel.seenAt <= FRESH_MS) return null;
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
