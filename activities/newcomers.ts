import { claim } from '../store/ledger';
import { claimKeyOf } from './addresses';
import { entryOf } from './claim';
import { holdsItsAddress, settleLost } from './duplicates';
import { CANCELLED, judge } from './gate';
import type { Candidate, Verdict } from './gate';
import { heldForDecision } from './held';
import { SUB_BATCH } from './page-state';
import type { Page } from './page-state';
import type { Stretch } from './resolve';
import { obey, standingFor } from './standing';
import { suppressionsOf } from './suppressed';

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
  const { dispatch, stop } = page;
  for (let from = 0; from < stretch.candidates.length; from += SUB_BATCH) {
    await dispatch.room(SUB_BATCH);
    if (stop.aborted) return false;
    const batch = stretch.candidates.slice(from, from + SUB_BATCH);
    if (!(await settleBatch(page, batch))) return false;
    page.progress = { ...page.progress, cursor: batch.at(-1)?.person.rid ?? stretch.upTo, step: 'deliver' };
  }
  page.progress = { ...page.progress, cursor: stretch.upTo };
  return true;
}

/** Refuses people, or claims them and puts them on the way. False when the schedule was paused or changed: nothing is sent and nothing recorded, the next plan finds them. */
export async function settleBatch(page: Page, batch: readonly Candidate[]): Promise<boolean> {
  const { deps, input, occurrence, outcomes, dispatch, leases } = page;
  const refused: { candidate: Candidate; verdict: Verdict }[] = [];
  const admitted: Candidate[] = [];
  const people = batch.map(({ person }) => person);
  const suppressions = await suppressionsOf(
    deps.db,
    input.tenantId,
    page.terms.config.channel,
    page.addresses,
    people,
  );
  for (const candidate of batch) {
    const suppression = suppressions.get(candidate.person.rid) ?? null;
    const verdict = judge({ ...candidate, suppression }, page.terms);
    if (verdict) refused.push({ candidate, verdict });
    else admitted.push(candidate);
  }
  if (refused.length > 0) await outcomes.refuse(refused);
  if (admitted.length === 0) return true;

  const owner = leases.owner();
  const { status, version, claims, lost } = await claim(
    deps.db,
    input.scheduleId,
    occurrence.record,
    outcomes.channelCode,
    admitted.map((candidate) => ({
      ...entryOf(candidate),
      addressKey: claimKeyOf(page.addresses.of(candidate.person)),
    })),
    owner,
    deps.clock(),
  );
  const { record } = occurrence;
  const standing = standingFor(record, { ...record, version, scheduleStatus: status });
  obey(page, standing);
  if (standing === 'cancelled') {
    await outcomes.refuse(admitted.map((candidate) => ({ candidate, verdict: CANCELLED })));
    return true;
  }
  if (standing === 'halt') return false;

  const admittedPeople = new Map(admitted.map(({ person }) => [person.rid, person]));
  for (const one of claims) {
    const person = admittedPeople.get(one.rid);
    if (!person) continue;
    leases.hold(one.rid, owner.leaseUntil);
    const held = heldForDecision(one, record.config);
    if (held) dispatch.settle(one, held);
    else if (await holdsItsAddress(page, one, person)) dispatch.send(one, person);
  }
  if (lost.length > 0) {
    const left = new Set(lost);
    await settleLost(
      page,
      admitted.filter(({ person }) => left.has(person.rid)),
    );
  }
  return true;
}
