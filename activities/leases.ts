import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Owner } from '../store/ledger';

/** How long a claim is safe from others without a sign of life: a little longer than a dead worker goes unnoticed. */
export const LEASE_MS = 20 * SECOND;

/** How often leases are lengthened. */
export const LEASE_RENEWAL_MS = 5 * SECOND;

/** The claims of one attempt at a page that are still on their way, and until when they are safely its own. */
export interface Leases {
  /** The owner for a claim that is made now. */
  owner(): Owner;
  hold(rid: string, until: Instant): void;
  release(rid: string): void;
  /** Lengthens all leases; those that somebody took over are dropped. */
  renew(): Promise<void>;
  /** Whether a claim is still this attempt's; asks Postgres only when its lease has run out. */
  holds(rid: string): Promise<boolean>;
  /** Those on their way. */
  rids(): string[];
}

export function createLeases(
  ownerId: string,
  clock: () => Instant,
  extend: (rids: readonly string[], owner: Owner) => Promise<string[]>,
): Leases {
  const until = new Map<string, Instant>();
  const owner = (): Owner => ({ id: ownerId, leaseUntil: clock() + LEASE_MS });

  async function renewSome(rids: readonly string[]): Promise<void> {
    if (rids.length === 0) return;
    const renewed = owner();
    const kept = new Set(await extend(rids, renewed));
    for (const rid of rids) {
      // Released while Postgres was asked: its outcome is being recorded, nothing was lost.
      if (!until.has(rid)) continue;
      if (kept.has(rid)) until.set(rid, renewed.leaseUntil);
      else until.delete(rid);
    }
  }

  return {
    owner,
    hold: (rid, instant) => until.set(rid, instant),
    release: (rid) => until.delete(rid),
    renew: () => renewSome([...until.keys()]),
    async holds(rid) {
      const lease = until.get(rid);
      if (lease !== undefined && clock() >= lease) await renewSome([rid]);
      return until.has(rid);
    },
    rids: () => [...until.keys()],
  };
}
