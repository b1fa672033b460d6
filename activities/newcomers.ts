import { ApplicationFailure } from '@temporalio/common';
import type { Instant } from '../domain/time/instant';
import { claim } from '../store/ledger';
import type { Claim, Owner } from '../store/ledger';
import { claimKeyOf } from './addresses';
import { entryOf } from './claim';
import { holdsItsAddress, settleLost } from './duplicates';
import { CANCELLED, judge } from './gate';
import type { Candidate, Verdict } from './gate';
import { heldForDecision } from './held';
import { nextSubBatch, SUB_BATCH } from './pace';
import type { Page } from './page-state';
import type { Stretch } from './resolve';
import { obey, standingFor } from './standing';
import { suppressionsOf } from './suppressed';

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
  const { deps, input, terms, addresses } = page;
  const refused: { candidate: Candidate; verdict: Verdict }[] = [];
  const passed: Candidate[] = [];
  const people = batch.map(({ person }) => person);
  // Whoever waits long for their place or claim is looked at once more, just before their message leaves.
  const seenAt = deps.clock();
  const suppressions = await suppressionsOf(deps.db, input.tenantId, terms.config.channel, addresses, people);
  for (const candidate of batch) {
    const suppression = suppressions.get(candidate.person.rid) ?? null;
    const verdict = judge({ ...candidate, suppression }, page.terms);
    if (verdict) refused.push({ candidate, verdict });
    else passed.push(candidate);
  }
  if (refused.length > 0) await page.outcomes.refuse(refused);
  return passed.length === 0 || claimAdmitted(page, passed, seenAt);
}

/** Claims those whom the caps let pass, and puts them on the way. */
async function claimAdmitted(page: Page, passed: readonly Candidate[], seenAt: Instant): Promise<boolean> {
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
      addressKey: claimKeyOf(page.addresses.of(candidate.person)),
    }));
    const { status, version, claims, lost, count } = await claim(
      deps.db,
      input.scheduleId,
      record,
      outcomes.channelCode,
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
  passed: readonly Candidate[],
  verdicts: ReadonlyMap<string, Verdict>,
): { admitted: Candidate[]; capped: { candidate: Candidate; verdict: Verdict }[] } {
  const admitted: Candidate[] = [];
  const capped: { candidate: Candidate; verdict: Verdict }[] = [];
  for (const candidate of passed) {
    const verdict = verdicts.get(candidate.person.rid);
    if (verdict) capped.push({ candidate, verdict });
    else admitted.push(candidate);
  }
  return { admitted, capped };
}

/** Whoever is left of a page that is cancelled is recorded so; otherwise they belong to the next plan. */
async function endBatch({ cancelled, outcomes }: Page, left: readonly Candidate[]): Promise<boolean> {
  if (!cancelled.signal.aborted) return false;
  await outcomes.refuse(left.map((candidate) => ({ candidate, verdict: CANCELLED })));
  return true;
}

function among(candidates: readonly Candidate[], rids: readonly string[]): Candidate[] {
  const wanted = new Set(rids);
  return candidates.filter(({ person }) => wanted.has(person.rid));
}

async function send(
  page: Page,
  admitted: readonly Candidate[],
  claims: readonly Claim[],
  { owner, seenAt }: { owner: Owner; seenAt: Instant },
): Promise<void> {
  const { occurrence, dispatch, leases } = page;
  const people = new Map(admitted.map(({ person }) => [person.rid, person]));
  for (const one of claims) {
    const person = people.get(one.rid);
    if (!person) continue;
    leases.hold(one.rid, owner.leaseUntil);
    const held = heldForDecision(one, occurrence.record.config);
    if (held) dispatch.settle(one, held);
    else if (await holdsItsAddress(page, one, person)) dispatch.send(one, person, seenAt);
  }
}
