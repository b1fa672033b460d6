import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { ChannelName } from '../domain/delivery/channel';
import { DEFAULT_PRIORITY } from '../domain/delivery/priority';
import { SECOND } from '../domain/time/instant';
import { addressFieldOf } from '../domain/recipient/address';
import type { ScheduleConfig } from '../domain/schedule/config';
import { addressKeyOf } from '../store/address-keys';
import { extendLease, giveBack } from '../store/ledger';
import { contentOf } from './content';
import { createCaps } from './caps';
import { settleForeignClaims } from './abandoned';
import { createAddresses } from './addresses';
import { armPage } from './arm';
import type { Tally } from './contract';
import { settleNewcomers } from './newcomers';
import { createPageLog } from './page-log';
import type { Page, PageDeps, PageInput } from './page-state';
import { createPageDispatch } from './page-dispatch';
import type { RouteLeg } from './journey';
import type { PageTerms } from './gate';
import { createLeases, LEASE_RENEWAL_MS } from './leases';
import { loadOccurrence } from './occurrence';
import type { OpenOccurrence } from './occurrence';
import { createOutcomes } from './outcomes';
import type { OutcomeOfClaim } from './outcomes';
import { resumedProgress } from './page-run';
import type { PageProgress, PageRun } from './page-run';
import { createRecorder } from './record';
import { resolve } from './resolve';
import { settleRivals } from './rivals';
import { standingFor, watchStanding } from './standing';

const HEARTBEAT_MS = 2 * SECOND;

/**
 * Takes one page from audience to recorded outcome (design.md "A page, step by step"). Whoever has a ledger row is
 * left alone, so that running it again goes on where the last attempt ended; claims that a dead attempt left are
 * taken over when their lease has run out. Returns the outcomes that this attempt and those before it recorded: fewer
 * than people when the schedule was paused or changed meanwhile, or when an address is on its way in another page.
 */
export async function deliverPage(deps: PageDeps, run: PageRun, input: PageInput): Promise<Tally> {
  const occurrence = await loadOccurrence(deps, input);
  const { record } = occurrence;
  if (standingFor(record, record) === 'halt') return resumedProgress(run.resumed, input.range).counts;

  const failing = new AbortController();
  const page = await openPage(deps, run, input, occurrence, failing.signal);
  const heart = keepAlive(page, run);
  const unwatch = watchStanding(page);
  let failure: { readonly error: unknown } | null = null;
  try {
    const range = { after: page.progress.cursor, upTo: input.range.upTo };
    const people = resolve(deps.db, input.tenantId, occurrence, input.at, range);
    const first = await armPage(page, people);
    page.terms = { ...page.terms, startedAt: deps.clock() };
    await settleNewcomers(page, first, people);
    await settleForeignClaims(page);
    await settleRivals(page);
  } catch (error) {
    failure = { error };
    failing.abort();
  } finally {
    failure = await close(page, failure);
    unwatch();
    clearInterval(heart);
  }
  run.heartbeat(page.progress);
  const how = failure ? 'failed' : run.stop.aborted ? 'stopped' : 'done';
  page.log.ended(how, page.progress.counts);
  if (failure) throw failure.error;
  if (run.stop.aborted) throw run.stopped();
  deps.metrics.page.observe((deps.clock() - page.terms.startedAt) / SECOND);
  return page.progress.counts;
}

async function openPage(
  deps: PageDeps,
  run: PageRun,
  input: PageInput,
  occurrence: OpenOccurrence,
  failing: AbortSignal,
): Promise<Page> {
  const { db, clock, sleep } = deps;
  const { tenantId, scheduleId } = input;
  const { record } = occurrence;
  const route = routeOf(deps, record.config);
  const content = await contentOf(db, tenantId, record);
  const { cursor, counts } = resumedProgress(run.resumed, input.range);
  const owner = randomUUID();
  const halted = new AbortController();
  const cancelled = new AbortController();
  const stop = AbortSignal.any([run.stop, failing, halted.signal]);
  const caps = createCaps(deps, tenantId, record, AbortSignal.any([stop, cancelled.signal]));
  const outcomes = createOutcomes(deps, tenantId, record, owner, counts, (rids) => caps.giveBack(rids));
  const leases = createLeases(owner, clock, (rids, until) => extendLease(db, record, rids, until));
  const settle = async (settlements: readonly OutcomeOfClaim[]): Promise<void> => {
    await outcomes.settle(settlements);
    for (const { rid } of settlements) leases.release(rid);
  };
  const recorder = createRecorder(settle, sleep, run.stop);
  const party = { tenantId, priority: record.config.priority ?? DEFAULT_PRIORITY };
  const needsAddress = route.some(({ channel }) => addressFieldOf(channel) !== null);
  const addressKey = needsAddress ? await addressKeyOf(db, deps.keyRing, tenantId) : null;
  const addresses = createAddresses(deps.keyRing, addressKey, record);
  const log = createPageLog(deps, input, record, route[0]);
  const dispatch = createPageDispatch(deps, {
    tenantId,
    scheduleId,
    record,
    content,
    route,
    addresses,
    laneOf: (provider) => deps.laneOf(provider).of(party),
    leases,
    outcomes,
    recorder,
    log,
    stop,
    cancelled: cancelled.signal,
  });
  if (record.scheduleStatus === 'cancelled') cancelled.abort();
  const terms: PageTerms = {
    startedAt: clock(),
    config: record.config,
    content,
    cancelled: cancelled.signal.aborted,
  };
  const { label, range } = input;
  const progress: PageProgress = {
    ...(label !== undefined && { label }),
    people: range.people,
    step: 'resolve',
    counts: outcomes.counts,
    cursor,
  };
  return {
    deps,
    input,
    occurrence,
    channels: [route[0].channel, ...route.slice(1).map(({ channel }) => channel)],
    outcomes,
    caps,
    dispatch,
    leases,
    recorder,
    log,
    addresses,
    stop,
    halted,
    cancelled,
    terms,
    rivals: [],
    progress,
  };
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

/** Awaits what is on the way, writes what came of it and gives back the rest; the first failure is the page's. */
async function close(
  { deps, occurrence, dispatch, leases, recorder }: Page,
  failure: { readonly error: unknown } | null,
): Promise<{ readonly error: unknown } | null> {
  const remainder = await dispatch.rest();
  let first = failure ?? remainder.failure;
  try {
    await recorder.drain();
    const unsent = new Map(remainder.unsent.map((one) => [one.rid, one]));
    const left = leases
      .rids()
      .map((rid) => unsent.get(rid) ?? { rid, attempts: null, doubt: null, steps: [] });
    if (left.length > 0) {
      await giveBack(deps.db, occurrence.record, left, leases.owner().id, deps.clock());
    }
  } catch (error) {
    first ??= { error };
  }
  return first;
}

/** The channels of a schedule with those who carry them here. */
function routeOf(
  { channels }: PageDeps,
  { channel, fallbackChannels = [] }: Pick<ScheduleConfig, 'channel' | 'fallbackChannels'>,
): [RouteLeg, ...RouteLeg[]] {
  const legOf = (name: ChannelName): RouteLeg => {
    const providers = channels.get(name) ?? [];
    if (providers.length > 0) return { channel: name, providers };
    throw ApplicationFailure.nonRetryable(`This worker has no channel ${name}.`, 'ChannelUnknown');
  };
  return [legOf(channel), ...fallbackChannels.map(legOf)];
}
