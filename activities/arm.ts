import { setImmediate } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { MINUTE, SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { judge, judgeOn } from './gate';
import { SUB_BATCH } from './pace';
import type { Page } from './page-state';
import type { Stretch } from './resolve';

/** A page may start this much before its instant. */
const EARLIEST = MINUTE;

/** People are read this long before their instant: what changes about somebody later than that is not seen. */
const READ_AHEAD = 1.5 * SECOND;

/** Texts that a page keeps ready, in characters; a worker holds a hundred pages at once. */
const READY_CHARACTERS = 2_000_000;

/**
 * Makes ready what does not depend on the clock, and holds until the instant (design.md "Arm early"). Ends at once
 * when the page is stopped, or its schedule paused, changed or cancelled meanwhile. Nobody is claimed before: a claim
 * reads pause, version and cancellation in its own statement, and so is the last look before the first message.
 */
export async function armPage(page: Page, people: AsyncIterator<Stretch>): Promise<Stretch | undefined> {
  const { at } = page.input;
  const early = at === null ? 0 : at - page.deps.clock();
  if (at === null || early <= 0) return undefined;
  if (early > EARLIEST) {
    throw ApplicationFailure.retryable(`The page is due in ${Math.round(early / SECOND)} s.`, 'PageTooEarly');
  }
  page.progress = { ...page.progress, step: 'hold' };
  page.dispatch.warmUp();
  page.caps.warmUp();
  await holdUntil(page, at - READ_AHEAD);
  if (isOver(page)) return undefined;
  const { value: stretch } = await people.next();
  if (stretch !== undefined) await compose(page, stretch);
  await holdUntil(page, at);
  return stretch;
}

/** In sub-batches, so that heartbeats and other pages get their turn. */
async function compose(page: Page, { candidates }: Stretch): Promise<void> {
  let ready = 0;
  const [channel] = page.channels;
  for (let from = 0; from < candidates.length; from += SUB_BATCH) {
    if (isOver(page) || ready > READY_CHARACTERS) return;
    for (const candidate of candidates.slice(from, from + SUB_BATCH)) {
      const refusal =
        judge(candidate, page.terms) ?? judgeOn({ ...candidate, channel, suppression: null }, page.terms);
      if (refusal === null) ready += page.dispatch.prepare(candidate.person);
    }
    await setImmediate();
  }
}

async function holdUntil({ deps, stop, cancelled }: Page, instant: Instant): Promise<void> {
  const until = AbortSignal.any([stop, cancelled.signal]);
  // A timer may end a fraction of a millisecond early: nothing leaves before its instant.
  for (let ms = instant - deps.clock(); ms > 0 && !until.aborted; ms = instant - deps.clock()) {
    await deps.sleep(ms, until);
  }
}

function isOver({ stop, cancelled }: Page): boolean {
  return stop.aborted || cancelled.signal.aborted;
}
