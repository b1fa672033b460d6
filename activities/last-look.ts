import { setImmediate } from 'node:timers/promises';
import type { SuppressionReason } from '../domain/delivery/suppression';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Obstacles } from '../store/last-look';

/** For how long a look at schedule and person counts as "just before": a fast provider costs no query a message. */
export const FRESH_MS = 0.2 * SECOND;

export type PersonStanding =
  | { readonly kind: 'stands' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'erased' }
  | { readonly kind: 'suppressed'; readonly reason: SuppressionReason };

interface Look {
  readonly at: Instant;
  readonly people: ReadonlySet<string>;
  readonly answer: Promise<Obstacles>;
}

/**
 * Says how a person stands just before an attempt. One statement looks at everybody who waits, and serves them for
 * as long as it is fresh: with a line of two hundred before a slow provider, a query each would cost more than the
 * messages. It is begun a moment after it was asked for, so that those who are just being put on the way are among
 * them.
 */
export function createLastLook(
  clock: () => Instant,
  waiting: () => Iterable<string>,
  ask: (rids: readonly string[]) => Promise<Obstacles>,
): (rid: string) => Promise<PersonStanding> {
  let last: Look | undefined;
  let coming: { readonly asked: Set<string>; readonly look: Promise<Look> } | undefined;

  function take(asked: ReadonlySet<string>): Look {
    const people = new Set([...waiting(), ...asked]);
    const answer = ask([...people]);
    const taken = { at: clock(), people, answer };
    last = taken;
    coming = undefined;
    answer.catch(() => {
      if (last === taken) last = undefined;
    });
    return taken;
  }

  async function look(rid: string): Promise<Obstacles> {
    if (last?.people.has(rid) && clock() - last.at <= FRESH_MS) return last.answer;
    if (coming === undefined) {
      const asked = new Set<string>();
      coming = { asked, look: setImmediate(asked).then(take) };
    }
    coming.asked.add(rid);
    return (await coming.look).answer;
  }

  return async (rid) => {
    const { cancelled, reachable, suppressed } = await look(rid);
    if (cancelled) return { kind: 'cancelled' };
    if (!reachable.has(rid)) return { kind: 'erased' };
    const reason = suppressed.get(rid);
    return reason === undefined ? { kind: 'stands' } : { kind: 'suppressed', reason };
  };
}
