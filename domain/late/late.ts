import { MINUTE, SECOND } from '../time/instant';
import type { Instant } from '../time/instant';

/** What becomes of people whose instant has passed when their page starts (semantics.md "Late"). */
type LatePolicy = 'send' | 'skip';

export interface LateRule {
  readonly policy: LatePolicy;
  /** Seconds that `send` still forgives. */
  readonly graceSeconds: number;
}

export type LateVerdict =
  | { readonly kind: 'send'; readonly latenessMs: number }
  /** `late`: beyond what the policy forgives. `expires-after`: beyond the message's own life, whatever the policy. */
  | { readonly kind: 'expired'; readonly reason: 'late' | 'expires-after'; readonly latenessMs: number };

/** `skip` forgives what a busy machine needs, no more. */
const SKIP_FORGIVES = MINUTE;

/**
 * Judges a person once, when the page that holds them starts. `due` is their adjusted instant, `now` the start
 * of the page; exactly the limit is still in time, and a page that starts early is never late.
 */
export function judgeLateness(
  due: Instant,
  now: Instant,
  late: LateRule,
  expiresAfterMs: number,
): LateVerdict {
  const latenessMs = Math.max(0, now - due);
  if (hasExpired(due, now, expiresAfterMs)) return { kind: 'expired', reason: 'expires-after', latenessMs };
  return latenessMs > forgivenMs(late)
    ? { kind: 'expired', reason: 'late', latenessMs }
    : { kind: 'send', latenessMs };
}

/** Whether a message has outlived `expiresAfter`: the one judgement that goes on after its page has started. */
export function hasExpired(due: Instant, now: Instant, expiresAfterMs: number): boolean {
  return now - due > expiresAfterMs;
}

function forgivenMs(late: LateRule): number {
  switch (late.policy) {
    case 'send':
      return late.graceSeconds * SECOND;
    case 'skip':
      return SKIP_FORGIVES;
  }
}
