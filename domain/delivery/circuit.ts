import { SECOND } from '../time/instant';
import type { Instant } from '../time/instant';

/** What an attempt tells of its provider: that it works, or that it fails or takes too long. */
export type AttemptHealth = 'working' | 'failing';

/** `probing`: one attempt is on its way, and what comes of it decides. */
export type CircuitState = 'closed' | 'open' | 'probing';

export type Admission =
  | { readonly kind: 'admitted' }
  /** To be asked again after so many milliseconds. */
  | { readonly kind: 'barred'; readonly forMs: number };

/**
 * Keeps attempts from a provider that fails (semantics.md "Delivery", circuit breaker): more than half of the last 50
 * failing opens it for 30 s; then one attempt probes, and whether it works decides. Each attempt that was admitted
 * has to be noted.
 */
export interface Circuit {
  state(): CircuitState;
  admit(now: Instant): Admission;
  /** For how long an attempt would be barred. Asking changes nothing. */
  barredMs(now: Instant): number;
  note(health: AttemptHealth, now: Instant): void;
}

const WINDOW = 50;
const OPEN_MS = 30 * SECOND;
/** Whoever finds a probe on its way asks again so much later. */
const PROBE_MS = SECOND;

export function createCircuit(): Circuit {
  let state: CircuitState = 'closed';
  let openUntil: Instant = 0;
  let last: AttemptHealth[] = [];
  let failing = 0;

  function open(now: Instant): void {
    state = 'open';
    openUntil = now + OPEN_MS;
    last = [];
    failing = 0;
  }

  function remember(health: AttemptHealth): void {
    last.push(health);
    if (health === 'failing') failing += 1;
    if (last.length > WINDOW && last.shift() === 'failing') failing -= 1;
  }

  return {
    state: () => state,
    admit(now) {
      switch (state) {
        case 'closed':
          return { kind: 'admitted' };
        case 'probing':
          return { kind: 'barred', forMs: PROBE_MS };
        case 'open':
          if (now < openUntil) return { kind: 'barred', forMs: openUntil - now };
          state = 'probing';
          return { kind: 'admitted' };
      }
    },
    barredMs(now) {
      switch (state) {
        case 'closed':
          return 0;
        case 'probing':
          return PROBE_MS;
        case 'open':
          return Math.max(0, openUntil - now);
      }
    },
    note(health, now) {
      switch (state) {
        case 'closed':
          remember(health);
          if (failing > WINDOW / 2) open(now);
          break;
        case 'probing':
          if (health === 'failing') open(now);
          else state = 'closed';
          break;
        case 'open':
          // Of an attempt that was under way when it opened: what it tells is known.
          break;
      }
    },
  };
}
