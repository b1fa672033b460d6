import type { Admission } from '../domain/delivery/circuit';
import { barOf, configuredPace, isForgotten, slowedDown, takeTokens } from '../domain/delivery/pace';
import type { Allotment, Pace, SharedPace } from '../domain/delivery/pace';
import { URGENT } from '../domain/delivery/priority';
import type { Priority } from '../domain/delivery/priority';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { createSendCount } from './send-count';

/** What one process knows of one pace. It never makes anybody wait for Redis: what is asked there is for those to come. */
export interface PacePool {
  /** @param priority who is urgent gets the next token, before everybody who was told to wait. */
  admit(priority: Priority): Admission;
  /** Notes an answer that asked for less. */
  slowDown(began: Instant, retryAfterMs: number | undefined): void;
}

export interface PacePoolDeps {
  readonly shared: SharedPace;
  readonly clock: () => Instant;
  /** Redis did not answer: for a while the pool keeps the pace by itself. */
  readonly alone: (error: unknown) => void;
}

/** What was taken from Redis and not used is lost after this. */
const LEASE_MS = 0.5 * SECOND;

/** How many tokens are taken at once: what flows in within this time. */
const BATCH_SECONDS = 0.15;

/** Nobody asks more often, so that every worker finds some left; a worker alone gets all of them even so. */
const ASK_EVERY_MS = 0.1 * SECOND;

/** Where nothing holds the provider back it is looked so often whether another worker was told to slow down. */
const LOOK_MS = SECOND;

/** An answer that takes longer is not waited for, and Redis is left alone for some seconds after one that never came. */
const ANSWERS_WITHIN_MS = 0.25 * SECOND;
const LEFT_ALONE_MS = 5 * SECOND;

/** By then tokens that were just asked for are there. */
const ROUND_TRIP_MS = 10;

/** Those who wait come back one by one, a quarter more of them than there are tokens, so that none is left lying. */
const COMING_BACK = 1.25;
const LONGEST_STEP_MS = 50;

/** Nobody is told to stay away for longer than this beside the bar: others may have gone meanwhile. */
const LONGEST_ROUND_MS = 3 * SECOND;

/** @param configured the rate, in messages a second; null: as fast as messages come, until the provider complains. */
export function createPacePool(name: string, configured: number | null, deps: PacePoolDeps): PacePool {
  const { shared, clock, alone } = deps;
  const sends = createSendCount();
  let pace: Pace | null = configured === null ? null : configuredPace(configured, clock());
  let lease = { tokens: 0, refillAt: 0, until: 0 };
  let askingSince: Instant | null = null;
  let askNotBefore: Instant = 0;
  let aloneUntil: Instant = 0;
  let lastTurn: Instant = 0;
  /** The next token is for who is urgent, as long as they come back for it by then. */
  let reservedUntil: Instant = 0;
  let complaints = 0;

  function ask(now: Instant): boolean {
    if (askingSince !== null || now < askNotBefore || now < aloneUntil) return false;
    askingSince = now;
    const want = pace === null ? 0 : Math.max(1, Math.round(pace.rate * BATCH_SECONDS));
    void askFor(want, complaints);
    return true;
  }

  async function askFor(want: number, heard: number): Promise<void> {
    try {
      const allotment = await shared.take(name, configured, want);
      // What was asked before a complaint does not know of it.
      if (heard === complaints) use(allotment, want, clock());
    } catch (error) {
      unanswered(error);
    } finally {
      askingSince = null;
    }
  }

  function use(allotment: Allotment, want: number, now: Instant): void {
    aloneUntil = 0;
    switch (allotment.kind) {
      case 'free':
        pace = null;
        askNotBefore = now + LOOK_MS;
        break;
      case 'paced': {
        const { granted, waitMs, rate, recoveringForMs } = allotment;
        pace = {
          rate,
          tokens: 0,
          at: now + waitMs,
          recoversFrom: recoveringForMs === null ? null : now - recoveringForMs,
        };
        const tokens = granted + (now < lease.until ? lease.tokens : 0);
        lease = { tokens, refillAt: Math.floor(tokens / 2), until: now + LEASE_MS };
        const enough = granted >= Math.max(1, want);
        askNotBefore = now + (enough ? ASK_EVERY_MS : Math.max(waitMs, ASK_EVERY_MS / 2));
      }
    }
  }

  function unanswered(error: unknown): void {
    aloneUntil = clock() + LEFT_ALONE_MS;
    alone(error);
  }

  /** As though there were no other worker. */
  function admitAlone(known: Pace, now: Instant, priority: Priority): Admission {
    const taken = takeTokens(known, 1, now);
    pace = isForgotten(taken.pace, now) ? null : taken.pace;
    return taken.granted > 0 ? admitted(now) : barred(taken.pace, now + taken.waitMs, now, priority);
  }

  function admitted(now: Instant): Admission {
    sends.note(now);
    return { kind: 'admitted' };
  }

  function barred({ rate }: Pace, earliest: Instant, now: Instant, priority: Priority): Admission {
    if (priority === URGENT) {
      reservedUntil = earliest + 2 * ROUND_TRIP_MS;
      return { kind: 'barred', forMs: earliest - now };
    }
    const next = lastTurn + Math.min(SECOND / (rate * COMING_BACK), LONGEST_STEP_MS);
    lastTurn = next < earliest || next > earliest + LONGEST_ROUND_MS ? earliest : next;
    return { kind: 'barred', forMs: lastTurn - now };
  }

  return {
    admit(priority) {
      const now = clock();
      if (pace === null) {
        ask(now);
        return admitted(now);
      }
      if (priority === URGENT) reservedUntil = 0;
      if (now < reservedUntil) return barred(pace, reservedUntil, now, priority);
      if (lease.tokens > 0 && now < lease.until) {
        lease.tokens -= 1;
        if (lease.tokens <= lease.refillAt) ask(now);
        return admitted(now);
      }
      const silent = askingSince !== null && now - askingSince > ANSWERS_WITHIN_MS;
      if (silent || now < aloneUntil) return admitAlone(pace, now, priority);
      // Whoever asked comes back for the answer.
      const asked = ask(now);
      if (asked && priority !== URGENT) return { kind: 'barred', forMs: ROUND_TRIP_MS };
      return barred(
        pace,
        asked ? now + ROUND_TRIP_MS : Math.max(askNotBefore, now + ROUND_TRIP_MS),
        now,
        priority,
      );
    },
    slowDown(began, retryAfterMs) {
      const now = clock();
      const observed = sends.perSecond(now);
      complaints += 1;
      pace = slowedDown(pace, { began, retryAfterMs, observed }, now);
      lease = { tokens: 0, refillAt: 0, until: 0 };
      askNotBefore = Math.max(askNotBefore, pace.at);
      shared.slowDown(name, { began: now - began, observed, barMs: barOf(retryAfterMs) }).catch(unanswered);
    },
  };
}
