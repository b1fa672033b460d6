import { ADJUSTED_CODES } from '../domain/delivery/state';
import { ZONE_SOURCE_CODES } from '../domain/recipient/zone-source';
import { readClaims, takeOver } from '../store/ledger';
import type { Claim, LedgerEntry } from '../store/ledger';
import type { RidRange } from '../store/audience';
import type { Database } from '../store/database';
import type { LedgerKey } from '../store/ledger-key';
import type { Instant } from '../domain/time/instant';
import type { Candidate } from './gate';
import type { Leases } from './leases';

/** What the ledger notes of a person before anything is sent. */
export function entryOf({ person, due }: Candidate): LedgerEntry {
  return {
    rid: person.rid,
    zone: due.zone,
    zoneSource: due.zone === person.zone ? person.zoneSource : ZONE_SOURCE_CODES.default,
    due: due.at,
    adjusted: due.kind === 'due' && due.adjusted !== null ? ADJUSTED_CODES[due.adjusted] : null,
  };
}

export type ForeignClaims =
  | { readonly kind: 'none' }
  /** Others may still be sending: the first of their leases ends then. */
  | { readonly kind: 'wait'; readonly until: Instant }
  /** Their owners are gone; the claims are ours now. */
  | { readonly kind: 'taken'; readonly claims: Claim[] };

/** Looks for claims of a key range that this attempt does not hold, and takes over those whose lease has run out. */
export async function takeForeignClaims(
  db: Database,
  key: LedgerKey,
  range: RidRange,
  leases: Leases,
  clock: () => Instant,
  atOnce: number,
): Promise<ForeignClaims> {
  const own = new Set(leases.rids());
  const foreign = (await readClaims(db, key, range)).filter(({ rid }) => !own.has(rid));
  if (foreign.length === 0) return { kind: 'none' };
  const now = clock();
  const free = foreign.filter(({ leaseUntil }) => leaseUntil <= now).slice(0, atOnce);
  if (free.length === 0) {
    return { kind: 'wait', until: Math.min(...foreign.map(({ leaseUntil }) => leaseUntil)) };
  }
  const rids = free.map(({ rid }) => rid);
  return { kind: 'taken', claims: await takeOver(db, key, rids, leases.owner(), now) };
}
