import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';

/** Counts what goes out, for as little as an addition a message. */
export interface SendCount {
  note(now: Instant): void;
  /** Messages a second lately: of this second or the one before, whichever had more; at least one. */
  perSecond(now: Instant): number;
}

export function createSendCount(): SendCount {
  let second = 0;
  let inThis = 0;
  let inLast = 0;

  function turnTo(now: Instant): void {
    const current = Math.floor(now / SECOND);
    if (current === second) return;
    inLast = current === second + 1 ? inThis : 0;
    inThis = 0;
    second = current;
  }

  return {
    note(now) {
      turnTo(now);
      inThis += 1;
    },
    perSecond(now) {
      turnTo(now);
      return Math.max(inThis, inLast, 1);
    },
  };
}
