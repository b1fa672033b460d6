const FIRST_MS = 500;
const MOST_MS = 30_000;
/** A process that served this long had recovered: its next death is a first one again. */
const RECOVERED_MS = 60_000;

/** How long to wait before a part is started again, by how long it has just lived and what was waited before. */
export function nextPause(livedMs: number, lastPauseMs: number): number {
  if (lastPauseMs === 0 || livedMs >= RECOVERED_MS) return FIRST_MS;
  return Math.min(lastPauseMs * 2, MOST_MS);
}
