import { Context } from '@temporalio/activity';
import type { Tally } from './contract';
import { handedBack } from './handed-back';

/** Where a page is: what an operator sees in the heartbeat, and where the next attempt goes on. */
export interface PageProgress {
  /** Which page it is, and whose: `page 3 of 12, Europe/Paris`. */
  readonly label?: string;
  /** How many it was cut for. */
  readonly people: number;
  /** Everybody up to this rid has a ledger row. */
  readonly cursor: string;
  readonly step: 'hold' | 'resolve' | 'deliver' | 'finish';
  /** Outcomes recorded so far, by this attempt and those before it. */
  readonly counts: Tally;
}

/** One attempt at one page, as the engine sees it. */
export interface PageRun {
  /** What the attempt before this one last said, if there was one. */
  readonly resumed: unknown;
  /** Aborted when the worker shuts down or nobody wants the page any more. */
  readonly stop: AbortSignal;
  heartbeat(progress: PageProgress): void;
  /** What to throw once the page has stopped. */
  stopped(): Error;
}

/** The run that Temporal is executing in the current async context. */
export function temporalPageRun(): PageRun {
  const context = Context.current();
  return {
    resumed: context.info.heartbeatDetails as unknown,
    stop: context.cancellationSignal,
    heartbeat: (progress) => context.heartbeat(progress),
    stopped: () => handedBack(context, 'page'),
  };
}

/** Reads what an earlier attempt left. Anything that is not a cursor within the range counts as nothing. */
export function resumedProgress(
  resumed: unknown,
  range: { after: string; upTo: string },
): { cursor: string; counts: Tally } {
  const fresh = { cursor: range.after, counts: {} };
  if (typeof resumed !== 'object' || resumed === null) return fresh;
  const cursor: unknown = Reflect.get(resumed, 'cursor');
  if (typeof cursor !== 'string' || !/^\d{1,19}$/.test(cursor)) return fresh;
  if (BigInt(cursor) < BigInt(range.after) || BigInt(cursor) > BigInt(range.upTo)) return fresh;
  const counts: unknown = Reflect.get(resumed, 'counts');
  const entries = typeof counts === 'object' && counts !== null ? Object.entries(counts) : [];
  return {
    cursor,
    counts: Object.fromEntries(
      entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
    ),
  };
}
