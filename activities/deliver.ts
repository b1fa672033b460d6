import type { Channel, OutgoingMessage, SendContext, SendResult } from '../channels/channel';
import { isDoubt } from '../domain/delivery/doubt';
import type { Doubt, OnUnknown } from '../domain/delivery/doubt';
import { heededRetryAfter } from '../domain/delivery/retry-after';
import type { DeliveryReason } from '../domain/delivery/state';
import { hasExpired } from '../domain/late/late';
import { MINUTE, SECOND } from '../domain/time/instant';
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
  /** What those owners left, see `Claim`. */
  readonly reason: DeliveryReason | null;
  /** When schedule and person were last looked at: in the statement that claimed, or just after it. */
  readonly seenAt: Instant;
}

export type Delivered =
  | {
      readonly kind: 'settled';
      readonly verdict: Verdict;
      readonly attempts: number;
      readonly at: Instant;
      /** Whether an attempt before may have been accepted. */
      readonly doubt: Doubt | null;
    }
  /** The page stops before the parcel was sent: somebody else goes on after `attempts`. */
  | { readonly kind: 'unsent'; readonly attempts: number; readonly doubt: Doubt | null }
  /** What failed concerns more than this parcel: as unsent, and the page's to tell. */
  | {
      readonly kind: 'broken';
      readonly attempts: number;
      readonly doubt: Doubt | null;
      readonly error: unknown;
    }
  /** Somebody else took the claim over: theirs to send and to record. */
  | { readonly kind: 'lost' };

type Tried =
  | { readonly kind: 'attempt'; readonly result: SendResult }
  /** The provider threw, which it must not: its request may have left. */
  | { readonly kind: 'thrown'; readonly error: unknown }
  | { readonly kind: 'obstacle'; readonly verdict: Verdict }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'lost' };

export interface DeliveryTerms {
  readonly channel: Channel;
  readonly context: SendContext;
  readonly lane: Lane;
  readonly expiresAfterMs: number;
  readonly onUnknown: OnUnknown;
  readonly clock: () => Instant;
  readonly random: () => number;
  /** Until the next attempt; a stop and a cancellation end it at once. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly stop: AbortSignal;
  /** Aborted when the schedule was cancelled. */
  readonly cancelled: AbortSignal;
  /** Whether the claim is still ours; asked just before every attempt. */
  readonly holds: (rid: string) => Promise<boolean>;
  /** What became of schedule and person meanwhile; asked just before an attempt, unless somebody has just looked. */
  readonly standing: (rid: string) => Promise<PersonStanding>;
  /** Told when an attempt is over, whatever came of it; not of a turn that has not come yet. */
  readonly attempted: (rid: string, result: SendResult) => void;
}

/** semantics.md "Delivery": `retry: { max: 3, firstSeconds: 2, factor: 4 }`. */
const RETRY = { max: 3, firstMs: 2 * SECOND, factor: 4 };

/** How long a provider may put a message off without it counting as a retry: some half an hour of back-off. */
const MOST_PUT_OFF = 30;
const LONGEST_PUT_OFF_MS = MINUTE;

/**
 * Sends one message to its end. A transient failure is retried, and so is an unanswered attempt unless the schedule
 * says `hold`, under the same message id; while one waits for its retry the lane is free for others. A message that
 * may have been accepted never ends as `failed` or `expired`: what is left of it is for a person to decide.
 */
export async function deliver(parcel: Parcel, terms: DeliveryTerms): Promise<Delivered> {
  const { clock, stop } = terms;
  let doubt = isDoubt(parcel.reason) ? parcel.reason : null;
  const settled = (verdict: Verdict, attempts: number): Delivered => ({
    kind: 'settled',
    verdict,
    attempts,
    at: clock(),
    doubt,
  });

  let { attempts, seenAt } = parcel;
  let putOff = 0;
  const expiresAt = parcel.due + terms.expiresAfterMs + 1;
  // Whoever decides that a message goes out again grants it all of its retries.
  const before = parcel.reason === 'decided' || parcel.reason === 'replayed' ? parcel.attempts : 0;
  const most = before + 1 + RETRY.max;
  for (;;) {
    let tried: Tried;
    try {
      tried = await terms.lane.run(() =>
        tryOnce({ ...parcel, tries: most - attempts, doubt, seenAt }, terms),
      );
    } catch (error) {
      return { kind: 'broken', attempts, doubt, error };
    }
    if (tried.kind === 'obstacle') return settled(tried.verdict, attempts);
    if (tried.kind === 'lost') return { kind: 'lost' };
    if (tried.kind === 'stopped') return { kind: 'unsent', attempts, doubt };
    if (tried.kind === 'thrown') {
      return { kind: 'broken', attempts: attempts + 1, doubt: 'no-answer', error: tried.error };
    }

    const { result } = tried;
    if (result.kind !== 'paced') {
      seenAt = Number.NEGATIVE_INFINITY;
      terms.attempted(parcel.rid, result);
    }
    let waitMs: number;
    switch (result.kind) {
      case 'accepted':
        return settled({ state: 'sent', reason: null }, attempts + 1);
      case 'rejected':
        return settled({ state: 'failed', reason: result.reason }, attempts + 1);
      case 'rate-limited':
        putOff += 1;
        if (putOff > MOST_PUT_OFF) attempts += 1;
        waitMs = Math.max(
          Math.min(backOffMs(putOff, terms.random), LONGEST_PUT_OFF_MS),
          heededRetryAfter(result.retryAfterMs ?? 0),
        );
        break;
      case 'unavailable':
        // However long it lasts: only expiry, or somebody who pauses or cancels, ends the wait. Not all come at once.
        waitMs = result.retryAfterMs * (1 + 0.2 * terms.random());
        break;
      case 'paced':
        waitMs = result.retryAfterMs;
        break;
      case 'unknown':
        if (terms.onUnknown === 'hold') return settled(undecided('no-answer'), attempts + 1);
        doubt = 'no-answer';
        attempts += 1;
        waitMs = backOffMs(attempts - before, terms.random);
        break;
      case 'transient':
        attempts += 1;
        waitMs = backOffMs(attempts - before, terms.random);
    }
    if (attempts >= most) return settled(exhausted(doubt), attempts);
    // Nobody waits beyond their expiry only to be told of it.
    await terms.sleep(Math.min(waitMs, expiresAt - clock()));
    if (stop.aborted) return { kind: 'unsent', attempts, doubt };
  }
}

/** Left to a person's decision: nobody knows whether it was accepted. */
export function undecided(doubt: Doubt): Verdict {
  return { state: 'unknown', reason: doubt };
}

function exhausted(doubt: Doubt | null): Verdict {
  return doubt === null ? { state: 'failed', reason: 'provider-unavailable' } : undecided(doubt);
}

interface Waiting extends Pick<Parcel, 'rid' | 'message' | 'due' | 'seenAt'> {
  /** Attempts that it may still make. */
  readonly tries: number;
  readonly doubt: Doubt | null;
}

async function tryOnce(waiting: Waiting, terms: DeliveryTerms): Promise<Tried> {
  if (terms.stop.aborted) return { kind: 'stopped' };
  if (!(await terms.holds(waiting.rid))) return { kind: 'lost' };
  // Inside the lane, because a person may be erased or a message expire while it waits in line.
  const obstacle = await obstacleTo(waiting, terms);
  if (obstacle) return { kind: 'obstacle', verdict: obstacle };
  try {
    return { kind: 'attempt', result: await terms.channel.send(waiting.message, terms.context) };
  } catch (error) {
    return { kind: 'thrown', error };
  }
}

/** What ends the message before its next attempt (semantics.md "Quiet hours and compliance windows", on erasure). */
async function obstacleTo(
  { rid, due, seenAt, tries, doubt }: Waiting,
  terms: DeliveryTerms,
): Promise<Verdict | null> {
  if (terms.cancelled.aborted) return CANCELLED;
  if (tries <= 0) return exhausted(doubt);
  const now = terms.clock();
  if (hasExpired(due, now, terms.expiresAfterMs)) {
    return doubt === null ? { state: 'expired', reason: 'expired-message' } : undecided(doubt);
  }
  if (now - seenAt <= FRESH_MS) return null;
  const standing = await terms.standing(rid);
  switch (standing.kind) {
    case 'stands':
      return null;
    case 'cancelled':
      return CANCELLED;
    case 'erased':
      return { state: 'erased', reason: 'key-destroyed' };
    case 'suppressed':
      return doubt === null ? { state: 'suppressed', reason: standing.reason } : undecided(doubt);
  }
}

/** 2 s, 8 s, 32 s, each spread by a fifth to both sides. */
function backOffMs(attempts: number, random: () => number): number {
  return RETRY.firstMs * RETRY.factor ** (attempts - 1) * (0.8 + 0.4 * random());
}
