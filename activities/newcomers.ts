import { claim } from '../store/ledger';
import { entryOf } from './claim';
import { CANCELLED, judge } from './gate';
import type { Candidate, Verdict } from './gate';
import { SUB_BATCH } from './page-state';
import type { Page } from './page-state';
import { resolve } from './resolve';

/** Everybody without a row: refused, or claimed and put on the way. */
export async function settleNewcomers(page: Page): Promise<void> {
  const { deps, input, occurrence, dispatch, stop } = page;
  const range = { after: page.progress.cursor, upTo: input.range.upTo };
  for await (const stretch of resolve(deps.db, input.tenantId, occurrence, input.at, range)) {
    for (let from = 0; from < stretch.candidates.length; from += SUB_BATCH) {
      await dispatch.room(SUB_BATCH);
      if (stop.aborted) return;
      const batch = stretch.candidates.slice(from, from + SUB_BATCH);
      if (!(await settleBatch(page, batch))) return;
      page.progress = { ...page.progress, cursor: batch.at(-1)?.person.rid ?? stretch.upTo, step: 'deliver' };
    }
    page.progress = { ...page.progress, cursor: stretch.upTo };
  }
}

/** False when the schedule stands in a state in which nothing is sent and nothing recorded: the plan comes back. */
async function settleBatch(page: Page, batch: readonly Candidate[]): Promise<boolean> {
  const { deps, input, occurrence, outcomes, dispatch, leases } = page;
  const refused: { candidate: Candidate; verdict: Verdict }[] = [];
  const admitted: Candidate[] = [];
  for (const candidate of batch) {
    const verdict = judge(candidate, page.terms);
    if (verdict) refused.push({ candidate, verdict });
    else admitted.push(candidate);
  }
  if (refused.length > 0) await outcomes.refuse(refused);
  if (admitted.length === 0) return true;

  const owner = leases.owner();
  const { status, claims } = await claim(
    deps.db,
    input.scheduleId,
    occurrence.record,
    outcomes.channelCode,
    admitted.map(entryOf),
    owner,
    deps.clock(),
  );
  if (status === 'cancelled') {
    page.terms = { ...page.terms, cancelled: true };
    await outcomes.refuse(admitted.map((candidate) => ({ candidate, verdict: CANCELLED })));
    return true;
  }
  if (status !== 'scheduled' && status !== 'running') return false;

  const people = new Map(admitted.map(({ person }) => [person.rid, person]));
  for (const one of claims) {
    const person = people.get(one.rid);
    if (!person) continue;
    leases.hold(one.rid, owner.leaseUntil);
    dispatch.send(one, person);
  }
  return true;
}
