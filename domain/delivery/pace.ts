import { MINUTE, SECOND } from '../time/instant';
import type { Instant } from '../time/instant';
import { heededRetryAfter } from './retry-after';

/**
 * How fast one provider may be asked: a token bucket, a token a message. It is kept in Redis, where
 * store/pace/scripts.ts does the same sums, and by each process for as long as Redis is away.
 */
export interface Pace {
  /** Messages a second. */
  readonly rate: number;
  /** Messages that may go out at once, at the instant `at`. */
  readonly tokens: number;
  /** When both were true; ahead of now while the provider wants nothing at all. */
  readonly at: Instant;
  /** Since when the rate grows again, after the provider had asked for less; null for a rate that is configured. */
  readonly recoversFrom: Instant | null;
}

export interface TokensTaken {
  readonly pace: Pace;
  readonly granted: number;
  /** Until there is another one. */
  readonly waitMs: number;
}

/** An answer that asked for less. */
export interface SlowDown {
  /** When the send that was answered so had begun. */
  readonly began: Instant;
  /** As the provider said, if it did. */
  readonly retryAfterMs: number | undefined;
  /** Messages a second that went out lately, which is the rate to halve while there is none. */
  readonly observed: number;
}

/** What a worker is given out of a pace that all workers share. */
export type Allotment =
  /** Nothing holds the provider back. */
  | { readonly kind: 'free' }
  | {
      readonly kind: 'paced';
      readonly granted: number;
      /** Until there are further tokens. */
      readonly waitMs: number;
      readonly rate: number;
      /** For how long the rate has been growing; less than nothing while it is barred, null if it does not grow. */
      readonly recoveringForMs: number | null;
    };

/** The paces that all workers share. Both reject while whoever keeps them is away. */
export interface SharedPace {
  /** @param configured the rate, in messages a second; null: whatever the provider lets through. */
  take(name: string, configured: number | null, want: number): Promise<Allotment>;
  /** @param began milliseconds ago. */
  slowDown(name: string, complaint: { began: number; observed: number; barMs: number }): Promise<void>;
}

/** A bucket holds what flows in within this time, and one message at least. */
export const BURST_SECONDS = 0.25;

/** A rate that was halved has doubled again after so long. */
export const DOUBLES_WITHIN = MINUTE;

/** A provider that has not complained for so long is asked as fast as messages come, as before it ever did. */
export const FORGETS_AFTER = 5 * MINUTE;

/** Nothing is halved below this: one message in ten seconds. */
export const SLOWEST_RATE = 0.1;

/** For how long a provider is left alone that does not say. */
const REST_MS = SECOND;

/** What is nearly a whole token is one: sums of fractions fall short of it. */
export const NEARLY = 1e-9;

export function configuredPace(rate: number, now: Instant): Pace {
  return { rate, tokens: capacityOf(rate), at: now, recoversFrom: null };
}

/** Takes up to `want` tokens. */
export function takeTokens(pace: Pace, want: number, now: Instant): TokensTaken {
  const current = broughtUpTo(pace, now);
  if (current.at > now) return { pace: current, granted: 0, waitMs: current.at - now };
  const granted = Math.min(want, Math.floor(current.tokens + NEARLY));
  const tokens = Math.max(0, current.tokens - granted);
  const waitMs = tokens + NEARLY >= 1 ? 0 : Math.ceil(((1 - tokens) / current.rate) * SECOND);
  return { pace: { ...current, tokens }, granted, waitMs };
}

/**
 * Bars the provider until the time it names and halves the rate; once for all the answers to what was on its way
 * together, or had left before the bar was known everywhere.
 * @param pace null for a provider that never complained, or has been forgiven.
 */
export function slowedDown(
  pace: Pace | null,
  { began, retryAfterMs, observed }: SlowDown,
  now: Instant,
): Pace {
  const barredUntil = now + barOf(retryAfterMs);
  const known = pace !== null && !isForgotten(pace, now) ? broughtUpTo(pace, now) : null;
  if (known === null) {
    return { rate: halved(observed), tokens: 1, at: barredUntil, recoversFrom: barredUntil };
  }
  const { rate, at, recoversFrom } = known;
  const isNews = recoversFrom === null || began >= recoversFrom;
  return {
    rate: isNews ? halved(rate) : rate,
    tokens: 1,
    at: Math.max(at, barredUntil),
    recoversFrom: Math.max(recoversFrom ?? 0, barredUntil),
  };
}

/** For how long a provider is asked nothing, in whole milliseconds. */
export function barOf(retryAfterMs: number | undefined): number {
  return Math.ceil(heededRetryAfter(retryAfterMs ?? REST_MS));
}

/** Whether nothing is left of what the provider once asked for. */
export function isForgotten({ recoversFrom }: Pace, now: Instant): boolean {
  return recoversFrom !== null && now >= recoversFrom + FORGETS_AFTER;
}

function broughtUpTo(pace: Pace, now: Instant): Pace {
  const { rate, tokens, at, recoversFrom } = pace;
  if (now <= at) return pace;
  return {
    rate: recoversFrom === null ? rate : rate * 2 ** ((now - at) / DOUBLES_WITHIN),
    tokens: Math.min(capacityOf(rate), tokens + (rate * (now - at)) / SECOND),
    at: now,
    recoversFrom,
  };
}

function capacityOf(rate: number): number {
  return Math.max(1, rate * BURST_SECONDS);
}

function halved(rate: number): number {
  return Math.max(SLOWEST_RATE, rate / 2);
}
