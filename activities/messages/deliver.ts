import { SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { pickReady } from '../../store/messages/pick';
import { nextReadyAt } from '../../store/messages/readiness';
import type { MessageQueueRef, Tally } from '../contract';
import { LEASE_RENEWAL_MS } from '../leases';
import { SUB_BATCH } from '../pace';
import { openDelivery } from './delivery';
import type { Delivery, MessageDeps } from './delivery';
import { takeInHand } from './desk';
import type { MessageRun } from './run';

const HEARTBEAT_MS = 2 * SECOND;

/** A delivery goes on for so long at most, so that workers can be replaced and histories show what happens. */
const LONGEST = 30 * SECOND;

/**
 * It stays so long after the last message that it found: longer than a process waits from one nudge to the next
 * (commands/message-nudge.ts), so that whatever is written without a nudge of its own is found here.
 */
export const LINGER = 1.5 * SECOND;

/** How often it looks for what is new while it stays. */
const LOOK_EVERY = 0.1 * SECOND;

/** Messages that one delivery holds at once, those included that wait for their next try. */
const MOST_IN_HAND = 1_000;

/** When the next message of a queue is to be looked at. */
export async function nextMessages(
  { db }: Pick<MessageDeps, 'db'>,
  { queue }: MessageQueueRef,
): Promise<{ at: Instant | null }> {
  return { at: await nextReadyAt(db, queue) };
}

/**
 * Takes what is ready in a queue, and what becomes ready meanwhile, to its recorded outcome. Whoever waits for a next
 * try when it ends waits in Postgres: a provider that is away holds up nobody else.
 */
export async function deliverMessages(
  deps: MessageDeps,
  run: MessageRun,
  { queue }: MessageQueueRef,
): Promise<Tally> {
  const delivery = openDelivery(deps, run, queue);
  const heart = keepAlive(delivery, run);
  const { log, outcomes } = delivery;
  let failure: { readonly error: unknown } | null = null;
  try {
    await takeWhatComes(delivery);
  } catch (error) {
    failure = { error };
  }
  try {
    await delivery.close();
  } catch (error) {
    failure ??= { error };
  } finally {
    clearInterval(heart);
  }
  log.ended(failure ? 'failed' : run.stop.aborted ? 'stopped' : 'done', outcomes.counts);
  if (failure) throw failure.error;
  if (run.stop.aborted) throw run.stopped();
  return outcomes.counts;
}

async function takeWhatComes(delivery: Delivery): Promise<void> {
  const { deps, queue, leases, dispatch, stop } = delivery;
  const { db, clock, sleep } = deps;
  const endAt = clock() + LONGEST;
  // A provider that does not answer must not make it longer.
  const over = AbortSignal.any([stop, AbortSignal.timeout(LONGEST)]);
  let lastFound = clock();
  while (!over.aborted && clock() < endAt) {
    await dispatch.room(SUB_BATCH, over);
    if (leases.rids().length >= MOST_IN_HAND) {
      // Once all of them were tried, those that are left wait for their next try: better in Postgres than here.
      await dispatch.room(1, over);
      if (leases.rids().length >= MOST_IN_HAND) return;
    }
    if (over.aborted) return;
    const now = clock();
    const paced = dispatch.pacedTenants(SUB_BATCH);
    const picked = await pickReady(db, queue, now, SUB_BATCH, paced);
    const held = new Set(leases.rids());
    const ready = picked.filter(({ id }) => !held.has(id) && !dispatch.carries(id));
    // Leases ran out while the process stood still: what is on the way is not taken once more.
    if (ready.length < picked.length) await leases.renew();
    const taken = ready.length === 0 ? 0 : await takeInHand(delivery, ready);
    if (taken > 0) {
      lastFound = clock();
      continue;
    }
    if (paced.length > 0) {
      // It stays for their turns, and takes what others have meanwhile.
      await sleep(LOOK_EVERY, stop);
      continue;
    }
    const next = ready.length === 0 ? await nextReadyAt(db, queue) : null;
    const stays = next !== null && next <= lastFound + LINGER ? next + LOOK_EVERY : lastFound + LINGER;
    if (now >= stays) return;
    const wait = Math.min(LOOK_EVERY, next === null ? LOOK_EVERY : Math.max(next - now, 1));
    await sleep(wait, stop);
  }
}

/** Tells the engine that the delivery lives, and keeps its claims from others. */
function keepAlive({ leases, outcomes }: Delivery, run: MessageRun): NodeJS.Timeout {
  let renewAfter = Date.now() + LEASE_RENEWAL_MS;
  return setInterval(() => {
    run.heartbeat({ inHand: leases.rids().length, counts: outcomes.counts });
    if (Date.now() < renewAfter) return;
    renewAfter = Date.now() + LEASE_RENEWAL_MS;
    // Without Postgres leases run out, and every attempt asks again whether its claim still stands.
    leases.renew().catch(() => undefined);
  }, HEARTBEAT_MS);
}
