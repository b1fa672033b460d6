import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { Channel } from '../channels/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { MINUTE, SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { readPeople } from '../store/audience';
import { claim, extendLease, giveBack } from '../store/ledger';
import type { Claim } from '../store/ledger';
import { readOccurrence } from '../store/occurrences';
import { entryOf, takeForeignClaims } from './claim';
import { contentOf } from './content';
import type { OccurrenceRef, PageRange, Tally } from './contract';
import type { ActivityDeps } from './deps';
import { createDispatch } from './dispatch';
import type { Dispatch } from './dispatch';
import { CANCELLED, judge } from './gate';
import type { Candidate, PageTerms, Verdict } from './gate';
import type { Lane } from './lane';
import { createLeases, LEASE_RENEWAL_MS } from './leases';
import type { Leases } from './leases';
import { loadOccurrence } from './occurrence';
import type { OpenOccurrence } from './occurrence';
import { createOutcomes } from './outcomes';
import type { Outcomes } from './outcomes';
import { resumedProgress } from './page-run';
import type { PageProgress, PageRun } from './page-run';
import { createRecorder } from './record';
import type { Recorder } from './record';
import { resolve } from './resolve';

export type PageInput = OccurrenceRef & { at: Instant | null; range: PageRange };

export interface PageDeps extends ActivityDeps {
  /** The lane of a channel, shared by all pages of the process. */
  readonly laneOf: (channel: Channel) => Lane;
}

/** People claimed, and outcomes written, at once. */
const SUB_BATCH = 100;

const HEARTBEAT_MS = 2 * SECOND;

/** A page may wake this much before its instant, by a clock that runs ahead; it holds until then. */
const EARLIEST = MINUTE;

/** What the steps of one attempt at a page share. */
interface Page {
  readonly deps: PageDeps;
  readonly input: PageInput;
  readonly occurrence: OpenOccurrence;
  readonly outcomes: Outcomes;
  readonly dispatch: Dispatch;
  readonly leases: Leases;
  readonly recorder: Recorder;
  readonly stop: AbortSignal;
  terms: PageTerms;
  progress: PageProgress;
}

/**
 * Takes one page from audience to recorded outcome (design.md "A page, step by step"). Whoever has a ledger row is
 * left alone, so that running it again goes on where the last attempt ended; claims that a dead attempt left are
 * taken over when their lease has run out. Returns the outcomes that this attempt and those before it recorded.
 */
export async function deliverPage(deps: PageDeps, run: PageRun, input: PageInput): Promise<Tally> {
  const stopWatch = deps.metrics.page.startTimer();
  const occurrence = await loadOccurrence(deps, input);
  if (occurrence.record.state !== 'open') return {};

  const failing = new AbortController();
  const page = await openPage(deps, run, input, occurrence, AbortSignal.any([run.stop, failing.signal]));
  const heart = keepAlive(page, run);
  let failure: { readonly error: unknown } | null = null;
  try {
    await holdUntilDue(page);
    await settleNewcomers(page);
    await settleForeignClaims(page);
  } catch (error) {
    failure = { error };
    failing.abort();
  } finally {
    failure = await close(page, failure);
    clearInterval(heart);
  }
  run.heartbeat(page.progress);
  if (failure) throw failure.error;
  if (run.stop.aborted) throw run.stopped();
  stopWatch();
  return page.progress.counts;
}

async function openPage(
  deps: PageDeps,
  run: PageRun,
  input: PageInput,
  occurrence: OpenOccurrence,
  stop: AbortSignal,
): Promise<Page> {
  const { db, clock, sleep } = deps;
  const { tenantId, scheduleId } = input;
  const { record } = occurrence;
  const channel = channelOf(deps, record.config.channel);
  const content = await contentOf(db, tenantId, record.config);
  const { cursor, counts } = resumedProgress(run.resumed, input.range);
  const owner = randomUUID();
  const leases = createLeases(owner, clock, (rids, until) => extendLease(db, record, rids, until));
  const outcomes = createOutcomes(deps, record, channel, owner, counts);
  const recorder = createRecorder(async (settlements) => {
    await outcomes.settle(settlements);
    for (const { rid } of settlements) leases.release(rid);
  }, sleep);
  const lane = deps.laneOf(channel);
  const dispatch = createDispatch(deps, {
    tenantId,
    scheduleId,
    record,
    content,
    channel,
    lane,
    leases,
    recorder,
    stop,
  });
  const cancelled = record.scheduleStatus === 'cancelled';
  const terms: PageTerms = { startedAt: clock(), config: record.config, content, cancelled };
  const progress: PageProgress = { cursor, step: 'resolve', counts: outcomes.counts };
  return { deps, input, occurrence, outcomes, dispatch, leases, recorder, stop, terms, progress };
}

/** Tells the engine that the page lives, and keeps its claims from others. */
function keepAlive(page: Page, run: PageRun): NodeJS.Timeout {
  let renewAfter = Date.now() + LEASE_RENEWAL_MS;
  return setInterval(() => {
    run.heartbeat(page.progress);
    if (Date.now() < renewAfter) return;
    renewAfter = Date.now() + LEASE_RENEWAL_MS;
    // Without Postgres leases run out, and every attempt asks again whether its claim still stands.
    page.leases.renew().catch(() => undefined);
  }, HEARTBEAT_MS);
}

async function holdUntilDue({ deps, input: { at }, stop }: Page): Promise<void> {
  const early = at === null ? 0 : at - deps.clock();
  if (early <= 0) return;
  if (early > EARLIEST) {
    throw ApplicationFailure.retryable(`The page is due in ${Math.round(early / SECOND)} s.`, 'PageTooEarly');
  }
  await deps.sleep(early, stop);
}

/** Everybody without a row: refused, or claimed and put on the way. */
async function settleNewcomers(page: Page): Promise<void> {
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

/** Claims that other attempts left: waits for those that may live, and goes on with those of the dead. */
async function settleForeignClaims(page: Page): Promise<void> {
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
  const { deps, input, dispatch, leases } = page;
  const owner = leases.owner();
  for (const { rid } of claims) leases.hold(rid, owner.leaseUntil);
  const [people, record] = await Promise.all([
    readPeople(
      deps.db,
      input.tenantId,
      claims.map(({ rid }) => rid),
    ),
    readOccurrence(deps.db, input.tenantId, input.occurrenceId),
  ]);
  const known = new Map(people.map((person) => [person.rid, person]));
  const cancelled = record?.scheduleStatus === 'cancelled';
  for (const one of claims) {
    const person = known.get(one.rid);
    if (!person) dispatch.settle(one, { state: 'erased', reason: 'key-destroyed' });
    else if (cancelled) dispatch.settle(one, CANCELLED);
    else dispatch.send(one, person);
  }
}

/** Awaits what is on the way, writes what came of it and gives back the rest; the first failure is the page's. */
async function close(
  { deps, occurrence, dispatch, leases, recorder }: Page,
  failure: { readonly error: unknown } | null,
): Promise<{ readonly error: unknown } | null> {
  const remainder = await dispatch.rest();
  let first = failure ?? remainder.failure;
  try {
    await recorder.drain();
    if (remainder.unsent.length > 0) {
      await giveBack(deps.db, occurrence.record, remainder.unsent, leases.owner().id, deps.clock());
    }
  } catch (error) {
    first ??= { error };
  }
  return first;
}

function channelOf({ channels }: PageDeps, name: ChannelName): Channel {
  const channel = channels.get(name);
  if (channel) return channel;
  throw ApplicationFailure.nonRetryable(`This worker has no channel ${name}.`, 'ChannelUnknown');
}
