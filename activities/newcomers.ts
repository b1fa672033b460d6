import { ApplicationFailure } from '@temporalio/common';
import type { Instant } from '../domain/time/instant';
import { claim } from '../store/ledger';
import type { Claim, Owner } from '../store/ledger';
import { claimKeyOf } from './addresses';
import { entryOf } from './claim';
import { holdsItsAddress, settleLost } from './duplicates';
import { judgeAll } from './first-channel';
import type { Refused, Routed } from './first-channel';
import { CANCELLED } from './gate';
import type { Candidate, Verdict } from './gate';
import { heldForDecision } from './held';
import { nextSubBatch, SUB_BATCH } from './pace';
import type { Page } from './page-state';
import type { Stretch } from './resolve';
import { obey, standingFor } from './standing';

/** The count of the caps may be replaced between the taking of a place and its claim; then both are done again. */
const MOST_COUNTS = 5;

/** Everybody without a row, those of `first` before the others: refused, or claimed and put on the way. */
export async function settleNewcomers(
  page: Page,
  first: Stretch | undefined,
  others: AsyncIterable<Stretch>,
): Promise<void> {
  if (first !== undefined && !(await settleStretch(page, first))) return;
  for await (const stretch of others) {
    if (!(await settleStretch(page, stretch))) return;
  }
}

/** False when the page is over. */
async function settleStretch(page: Page, stretch: Stretch): Promise<boolean> {
  const { deps, dispatch, stop } = page;
  const { candidates } = stretch;
  for (let from = 0; from < candidates.length;) {
    await dispatch.room(SUB_BATCH);
    if (stop.aborted) return false;
    const size = nextSubBatch(dispatch.attempted(), deps.clock() - page.terms.startedAt);
    const batch = candidates.slice(from, from + size);
    if (!(await settleBatch(page, batch))) return false;
    from += size;
    page.progress = { ...page.progress, cursor: batch.at(-1)?.person.rid ?? stretch.upTo, step: 'deliver' };
  }
  page.progress = { ...page.progress, cursor: stretch.upTo };
  return true;
}

/**
 * Refuses people, or claims them and puts them on the way. False when the schedule was paused or changed: nothing is
 * sent and nothing recorded, the next plan finds them.
 */
export async function settleBatch(page: Page, batch: readonly Candidate[]): Promise<boolean> {
  // Whoever waits long for their place or claim is looked at once more, just before their message leaves.
  const seenAt = page.deps.clock();
  const { passed, refused } = await judgeAll(page, batch);
  if (refused.length > 0) await page.outcomes.refuse(refused);
  return passed.length === 0 || claimAdmitted(page, passed, seenAt);
}

/** Claims those whom the caps let pass, and puts them on the way. */
async function claimAdmitted(page: Page, passed: readonly Routed[], seenAt: Instant): Promise<boolean> {
  const { deps, input, occurrence, caps, outcomes, leases } = page;
  const { record } = occurrence;
  for (let counts = 0; counts < MOST_COUNTS; counts += 1) {
    const admission = await caps.admit(passed.map(entryOf));
    if (admission.kind === 'called-off') return endBatch(page, passed);
    const { admitted, capped } = apart(passed, admission.capped);
    if (admitted.length === 0) {
      await outcomes.refuse(capped);
      return true;
    }
    const owner = leases.owner();
    const wanted = admitted.map((candidate) => ({
      ...entryOf(candidate),
      channel: candidate.channel,
      addressKey: claimKeyOf(page.addresses.of(candidate.person, candidate.channel)),
    }));
    const { status, version, claims, lost, count } = await claim(
      deps.db,
      input.scheduleId,
      record,
      wanted,
      owner,
      deps.clock(),
      admission.countedBy,
    );
    const standing = standingFor(record, { ...record, version, scheduleStatus: status });
    obey(page, standing);
    if (standing !== 'go') return endBatch(page, passed);
    if (count === 'replaced') {
      caps.replaced();
      continue;
    }
    if (capped.length > 0) await outcomes.refuse(capped);
    await send(page, admitted, claims, { owner, seenAt });
    if (lost.length > 0) await settleLost(page, among(admitted, lost));
    return true;
  }
  throw ApplicationFailure.retryable(
    'What counts for the caps was replaced again and again.',
    'CapsReplaced',
  );
}

function apart(
  passed: readonly Routed[],
  verdicts: ReadonlyMap<string, Verdict>,
): { admitted: Routed[]; capped: Refused[] } {
  const admitted: Routed[] = [];
  const capped: Refused[] = [];
  for (const candidate of passed) {
    const verdict = verdicts.get(candidate.person.rid);
    if (verdict) capped.push({ candidate, channel: candidate.channel, verdict });
    else admitted.push(candidate);
  }
  return { admitted, capped };
}

/** Whoever is left of a page that is cancelled is recorded so; otherwise they belong to the next plan. */
async function endBatch({ cancelled, outcomes }: Page, left: readonly Routed[]): Promise<boolean> {
  if (!cancelled.signal.aborted) return false;
  await outcomes.refuse(
    left.map((candidate) => ({ candidate, channel: candidate.channel, verdict: CANCELLED })),
  );
  return true;
}

function among(candidates: readonly Routed[], rids: readonly string[]): Routed[] {
  const wanted = new Set(rids);
  return candidates.filter(({ person }) => wanted.has(person.rid));
}

async function send(
  page: Page,
  admitted: readonly Routed[],
  claims: readonly Claim[],
  { owner, seenAt }: { owner: Owner; seenAt: Instant },
): Promise<void> {
  const { occurrence, dispatch, leases } = page;
  const people = new Map(admitted.map((candidate) => [candidate.person.rid, candidate]));
  for (const one of claims) {
    const routed = people.get(one.rid);
    if (!routed) continue;
    leases.hold(one.rid, owner.leaseUntil);
    const held = heldForDecision(one, occurrence.record.config);
    if (held) dispatch.settle(one, held);
    else if (await holdsItsAddress(page, one, routed.person))
      dispatch.send(one, routed.person, { seenAt, passedOver: isNew(one) ? routed.passedOver : [] });
  }
}

/** Nobody had it before: what is known of its channels is not written yet. */
function isNew({ attempts, trail }: Claim): boolean {
  return attempts === 0 && trail.length === 0;
}
