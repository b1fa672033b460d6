import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { readPeople } from '../store/audience';
import type { PersonRow } from '../store/audience';
import type { Step } from '../domain/delivery/step';
import type { Claim } from '../store/ledger';
import { readOccurrence } from '../store/occurrences';
import { takeForeignClaims } from './claim';
import { holdsItsAddress } from './duplicates';
import { CANCELLED } from './gate';
import { heldForDecision, unlessDoubted } from './held';
import { obey, standingFor } from './standing';
import { suppressionsOf } from './suppressed';
import { SUB_BATCH } from './pace';
import type { Page } from './page-state';

/** Claims that other attempts left: waits for those that may live, and goes on with those of the dead. */
export async function settleForeignClaims(page: Page): Promise<void> {
  const { deps, input, occurrence, dispatch, leases, stop } = page;
  const { db, clock, sleep } = deps;
  page.progress = { ...page.progress, step: 'finish' };
  while (!stop.aborted) {
    await dispatch.room(SUB_BATCH);
    const foreign = await takeForeignClaims(db, occurrence.record, input.range, leases, clock, SUB_BATCH);
    switch (foreign.kind) {
      case 'none':
        return;
      case 'wait':
        await sleep(Math.min(Math.max(foreign.until - clock(), 1), SECOND), stop);
        break;
      case 'taken':
        await settleTaken(page, foreign.claims);
    }
  }
}

async function settleTaken(page: Page, claims: readonly Claim[]): Promise<void> {
  const { deps, input, occurrence, dispatch, leases } = page;
  const owner = leases.owner();
  for (const { rid } of claims) leases.hold(rid, owner.leaseUntil);
  const seenAt = deps.clock();
  const [people, record] = await Promise.all([
    readPeople(
      deps.db,
      input.tenantId,
      claims.map(({ rid }) => rid),
    ),
    readOccurrence(deps.db, input.tenantId, input.occurrenceId),
  ]);
  const standing = standingFor(occurrence.record, record);
  obey(page, standing);
  // They are given back when the page ends.
  if (standing === 'halt') return;
  const known = new Map(people.map((person) => [person.rid, person]));
  const suppressed = await suppressedOn(page, claims, people);
  const sendable: Sendable[] = [];
  for (const one of claims) {
    const person = known.get(one.rid);
    const step = suppressed.get(one.rid);
    const held = heldForDecision(one, occurrence.record.config);
    if (held) dispatch.settle(one, held);
    else if (!person) dispatch.settle(one, { state: 'erased', reason: 'key-destroyed' });
    else if (standing === 'cancelled') dispatch.settle(one, CANCELLED);
    else if (step && page.channels.length === 1)
      dispatch.settle(one, unlessDoubted(one, { state: 'suppressed', reason: step.reason }));
    else sendable.push({ claim: one, person, passedOver: step ? [step] : [] });
  }
  await sendAgain(page, sendable, seenAt);
}

interface Sendable {
  readonly claim: Claim;
  readonly person: PersonRow;
  /** The channel that has their message, when it writes to their address no more. */
  readonly passedOver: readonly Step[];
}

/** Whom the channel that has their message by now writes to no more, and the step that this is. */
async function suppressedOn(
  { deps, input, addresses, channels: [first] }: Page,
  claims: readonly Claim[],
  people: readonly PersonRow[],
): Promise<ReadonlyMap<string, Step>> {
  const channelOf = new Map(claims.map(({ rid, channel }) => [rid, channel ?? first]));
  const steps = new Map<string, Step>();
  for (const channel of new Set(channelOf.values())) {
    const theirs = people.filter(({ rid }) => channelOf.get(rid) === channel);
    const reasons = await suppressionsOf(deps.db, input.tenantId, channel, addresses, theirs);
    for (const [rid, reason] of reasons) {
      steps.set(rid, { channel, provider: null, at: deps.clock(), result: 'suppressed', reason });
    }
  }
  return steps;
}

/**
 * Most have their place under the caps from the attempt before; what had given it back, because it failed, takes one
 * again before a person's decision sends it once more.
 */
async function sendAgain(page: Page, sendable: readonly Sendable[], seenAt: Instant): Promise<void> {
  if (sendable.length === 0) return;
  const { caps, dispatch } = page;
  const admission = await caps.admit(sendable.map(({ claim }) => claim));
  if (admission.kind === 'called-off') return;
  for (const { claim, person, passedOver } of sendable) {
    const capped = admission.capped.get(claim.rid);
    if (capped) dispatch.settle(claim, unlessDoubted(claim, capped));
    else if (passedOver.length > 0 || (await holdsItsAddress(page, claim, person)))
      dispatch.send(claim, person, { seenAt, passedOver });
  }
}
