import { SECOND } from '../domain/time/instant';

/** People claimed at once by a page that has sent nothing yet, so that its first message need not wait for many. */
export const SUB_BATCH = 100;

/** A page of a thousand makes three of it: beyond that a statement for more people is no cheaper for each. */
export const LARGEST_SUB_BATCH = 450;

/**
 * How far ahead of the provider a page claims. Whoever is claimed when a worker dies waits for the end of the lease,
 * and under `onUnknown: "hold"` for a person: so these are few where the provider is slow.
 */
const AHEAD_MS = 0.5 * SECOND;

/** How many people a page claims next, having attempted so many within so many milliseconds. */
export function nextSubBatch(attempted: number, withinMs: number): number {
  const ahead = Math.round((attempted * AHEAD_MS) / Math.max(withinMs, 1));
  return Math.min(Math.max(ahead, SUB_BATCH), LARGEST_SUB_BATCH);
}
