import { holdAddress, whyLost } from '../store/address-holders';
import type { Claim } from '../store/ledger';
import type { PersonRow } from '../store/audience';
import { claimKeyOf } from './addresses';
import type { Routed } from './first-channel';
import type { Verdict } from './gate';
import { unlessDoubted } from './held';
import type { Page } from './page-state';

export const DUPLICATE: Verdict = { state: 'duplicate', reason: null };

/**
 * People whom a claim left out: recorded as duplicates when somebody with their address has the message or may have
 * it. While that is still open they have no row, and are among the page's rivals.
 */
export async function settleLost(page: Page, lost: readonly Routed[]): Promise<void> {
  const { deps, occurrence, outcomes, addresses } = page;
  const why = await whyLost(
    deps.db,
    occurrence.record,
    lost.map(({ person, channel }) => ({
      rid: person.rid,
      addressKey: claimKeyOf(addresses.of(person, channel)),
    })),
  );
  const duplicates = lost.filter(({ person }) => why.get(person.rid) === 'duplicate');
  if (duplicates.length > 0) {
    await outcomes.refuse(
      duplicates.map((candidate) => ({ candidate, channel: candidate.channel, verdict: DUPLICATE })),
    );
  }
  page.rivals = [...page.rivals, ...lost.filter(({ person }) => why.get(person.rid) === 'open')];
}

/**
 * Sees to it that a claim which was taken over holds the address that its message will go to: the person may have
 * another one by now, or it could not be read when they were claimed. True when it does. Otherwise the claim is
 * settled as a duplicate, or stays as it is, for the next plan, while that is still open. One that begins anew holds none
 * yet: it takes one on its way.
 */
export async function holdsItsAddress(page: Page, claim: Claim, person: PersonRow): Promise<boolean> {
  const { deps, occurrence, addresses, dispatch, leases } = page;
  if (claim.channel === null) return true;
  const addressKey = claimKeyOf(addresses.of(person, claim.channel));
  if (addressKey === null || addressKey === claim.addressKey) return true;
  const addressee = { rid: claim.rid, addressKey };
  if (await holdAddress(deps.db, occurrence.record, addressee, leases.owner().id)) return true;
  // The row is there: by a rid that is nobody's, only the address is looked up.
  const why = await whyLost(deps.db, occurrence.record, [{ rid: NOBODY, addressKey }]);
  if (why.get(NOBODY) === 'duplicate') dispatch.settle(claim, unlessDoubted(claim, DUPLICATE));
  return false;
}

const NOBODY = '0';
