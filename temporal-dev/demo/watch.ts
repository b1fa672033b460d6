import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '../../domain/time/instant';
import { ApiAway } from './api-client';
import type { Standing } from './schedule-client';
import { DemoStopped } from './stopped';

const LOOK_EVERY_MS = 200;

/** States of people who are still on their way (semantics.md "Every person, one answer"). */
const ON_THEIR_WAY = new Set(['pending', 'held', 'claimed', 'unknown']);
const OVER = new Set(['completed', 'cancelled', 'failed']);

export interface Watched {
  look(): Promise<Standing>;
  readonly due: Instant;
  readonly now: () => Instant;
  readonly interrupted: AbortSignal;
  /** How long nothing may change once it is due, in milliseconds. */
  readonly patienceMs: number;
  onLook(standing: Standing): Promise<void>;
}

/**
 * Looks until the schedule is over, whatever became of it. An API that is away for a moment is looked for again.
 * @throws DemoStopped when nothing has changed for too long; the signal's reason when interrupted.
 */
export async function watchToEnd(watched: Watched): Promise<void> {
  const { due, now, interrupted, patienceMs } = watched;
  let last = { news: '', at: now() };
  for (;;) {
    interrupted.throwIfAborted();
    const standing = await watched.look().catch(unlessAway);
    if (standing !== null) {
      await watched.onLook(standing);
      if (OVER.has(standing.status)) return;
      const news = JSON.stringify(standing);
      if (news !== last.news) last = { news, at: now() };
    }
    if (now() - Math.max(last.at, due) > patienceMs) {
      const seconds = Math.round(patienceMs / 1_000);
      throw new DemoStopped(
        `Nothing has moved for ${seconds} s. The logs are in .sundial/logs; worker.log first.`,
      );
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: interrupted }).catch(() => interrupted.throwIfAborted());
  }
}

/** People who have a final outcome. */
export function settledOf({ counts }: Standing): number {
  return Object.entries(counts)
    .filter(([state]) => !ON_THEIR_WAY.has(state))
    .reduce((sum, [, count]) => sum + count, 0);
}

function unlessAway(error: unknown): null {
  if (error instanceof ApiAway) return null;
  throw error;
}
