import type { Channel, OutgoingMessage, SendContext, SendResult } from '../channels/channel';
import type { ChannelName } from '../domain/delivery/channel';
import type { Doubt } from '../domain/delivery/doubt';
import { heededRetryAfter } from '../domain/delivery/retry-after';
import type { DeliveryReason } from '../domain/delivery/state';
import type { SuppressionReason } from '../domain/delivery/suppression';
import { undecided } from '../domain/delivery/verdict';
import type { Verdict } from '../domain/delivery/verdict';
import type { Instant } from '../domain/time/instant';
import { CANCELLED } from './gate';
import type { Lane } from './lane';
import { FRESH_MS } from './last-look';
import type { PersonStanding } from './last-look';

/** A message before its next attempt. */
export interface Waiting {
  readonly key: string;
  readonly channel: ChannelName;
  readonly message: OutgoingMessage;
  readonly context: SendContext;
  /** Later than this nothing is sent. */
  readonly expiresAt: Instant;
  /** When what may stand in the way was last looked at. */
  readonly seenAt: Instant;
  readonly doubt: Doubt | null;
}

/** What an attempt asks before it is made. */
export interface AttemptTerms {
  readonly clock: () => Instant;
  /** Until the next attempt; a stop and a cancellation end it at once. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly stop: AbortSignal;
  /** Aborted when nothing more is to be sent, and who is left is recorded so. */
  readonly cancelled: AbortSignal;
  /** Whether the claim is still ours; asked just before every attempt. */
  readonly holds: (key: string) => Promise<boolean>;
  /** What stands in the way meanwhile; asked just before an attempt, unless somebody has just looked. */
  readonly standing: (key: string, channel: ChannelName) => Promise<PersonStanding>;
  /** Told that a message's turn does not come before an instant. */
  readonly paced: (key: string, until: Instant) => void;
}

/** What came of asking a provider once its turn had come. */
export type Answer = Exclude<SendResult, { kind: 'paced' }>;

export type Tried =
  | { readonly kind: 'answered'; readonly result: Answer }
  /** The provider threw, which it must not: its request may have left. */
  | { readonly kind: 'thrown'; readonly error: unknown }
  /** Nothing more is sent, whatever the channel. */
  | { readonly kind: 'obstacle'; readonly verdict: Verdict }
  /** The channel writes to the person's address no more. */
  | { readonly kind: 'suppressed'; readonly reason: SuppressionReason }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'lost' };

/** Asks a provider once, as soon as it is the message's turn under the provider's rate; others have the lane until then. */
export async function askInTurn(
  waiting: Waiting,
  provider: Channel,
  lane: Lane,
  terms: AttemptTerms,
): Promise<Tried> {
  for (;;) {
    const tried = await lane.run(() => tryOnce(waiting, provider, terms));
    if (tried.kind !== 'paced') return tried;
    terms.paced(waiting.key, terms.clock() + tried.forMs);
    await terms.sleep(withinLife(tried.forMs, waiting, terms));
    if (terms.stop.aborted) return { kind: 'stopped' };
  }
}

/** Nobody waits beyond their expiry only to be told of it. */
export function withinLife(
  ms: number,
  { expiresAt }: Pick<Waiting, 'expiresAt'>,
  { clock }: Pick<AttemptTerms, 'clock'>,
): number {
  return Math.min(ms, expiresAt + 1 - clock());
}

/** Unless something stands in the way: a person may be erased or a message expire in the line. */
async function tryOnce(
  waiting: Waiting,
  provider: Channel,
  terms: AttemptTerms,
): Promise<Tried | { readonly kind: 'paced'; readonly forMs: number }> {
  if (terms.stop.aborted) return { kind: 'stopped' };
  if (!(await terms.holds(waiting.key))) return { kind: 'lost' };
  const obstacle = await obstacleTo(waiting, terms);
  if (obstacle) return obstacle;
  try {
    const result = await provider.send(waiting.message, waiting.context);
    return result.kind === 'paced'
      ? { kind: 'paced', forMs: result.retryAfterMs }
      : { kind: 'answered', result };
  } catch (error) {
    return { kind: 'thrown', error };
  }
}

/** What ends a message before its next attempt (semantics.md "Quiet hours and compliance windows", on erasure). */
async function obstacleTo(
  { key, channel, expiresAt, seenAt, doubt }: Waiting,
  { clock, cancelled, standing }: AttemptTerms,
): Promise<Tried | null> {
  if (cancelled.aborted) return ended(CANCELLED);
  const now = clock();
  if (now > expiresAt) {
    return ended(doubt === null ? { state: 'expired', reason: 'expired-message' } : undecided(doubt));
  }
  if (now - seenAt <= FRESH_MS) return null;
  const stands = await standing(key, channel);
  switch (stands.kind) {
    case 'stands':
      return null;
    case 'cancelled':
      return ended(CANCELLED);
    case 'erased':
      return ended({ state: 'erased', reason: 'key-destroyed' });
    case 'suppressed':
      return stands;
  }
}

function ended(verdict: Verdict): Tried {
  return { kind: 'obstacle', verdict };
}

/** Why a provider's answer is what it is, where the answer alone does not say it. */
export function reasonOf(result: Answer): DeliveryReason | null {
  switch (result.kind) {
    case 'rejected':
      return result.reason;
    case 'unknown':
      return 'no-answer';
    case 'accepted':
    case 'transient':
    case 'rate-limited':
    case 'unavailable':
      return null;
  }
}

/** How long a provider wants to be left alone. */
export function quietMsAfter(result: Answer): number {
  switch (result.kind) {
    case 'rate-limited':
      return heededRetryAfter(result.retryAfterMs ?? 0);
    case 'unavailable':
      return result.retryAfterMs;
    case 'accepted':
    case 'rejected':
    case 'transient':
    case 'unknown':
      return 0;
  }
}
