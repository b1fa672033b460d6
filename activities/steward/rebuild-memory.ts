import { HOUR } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { WalkPosition } from '../../store/live-schedules';

/** Where a walk over schedules is. It goes through three lists, one after the other, each behind the last that was told. */
export type Walk =
  /** Schedules of which something is to come. */
  | { readonly list: 'live'; readonly after: WalkPosition | null }
  /** Open occurrences of schedules that are over. */
  | { readonly list: 'left-open'; readonly after: string }
  /** Schedules that ended after the backup: theirs may be workflows that wait for a command. */
  | { readonly list: 'ended'; readonly after: string };

/** What the workflow of the duty remembers from one turn to the next: its cursor. */
export interface RebuildMemory {
  /** What the turn before noted in Postgres as well. */
  readonly mark: Instant;
  /** Null once the walk is at its end. */
  readonly walk: Walk | null;
  /** What Temporal remembers is not younger than this; null when it remembers nothing, or nothing was lost. */
  readonly since: Instant | null;
}

/** A command may have been given some time before its delivery, which was lost. */
const SLACK = HOUR;

const BEGINNING: Walk = { list: 'live', after: null };

/** How a turn begins. */
export interface Beginning extends Omit<RebuildMemory, 'mark'> {
  /** `different` when Postgres and Temporal remember different turns: one of them was restored. */
  readonly memories: 'agree' | 'different';
}

/**
 * A run without a cursor is new to Temporal, or was told to begin. Where the mark is another one than the turn before
 * has left, Temporal or Postgres was put back to a time before it, or a turn was lost with its worker before Temporal
 * heard of it: in doubt the walk begins anew, which does no harm.
 */
export function beginTurn(cursor: string | null, mark: Instant | null): Beginning {
  if (cursor === null) return { walk: BEGINNING, since: null, memories: 'agree' };
  const memory = readMemory(cursor);
  if (memory === null) {
    // Of the release before, which kept no marks: unless there is one, its walk is at its end or goes on anew.
    const rests = cursor === 'rebuilt' && mark === null;
    return { walk: rests ? null : BEGINNING, since: null, memories: mark === null ? 'agree' : 'different' };
  }
  if (memory.mark === mark) return { ...memory, memories: 'agree' };
  return { walk: BEGINNING, since: memory.mark - SLACK, memories: 'different' };
}

export function writeMemory(memory: RebuildMemory): string {
  return JSON.stringify(memory);
}

/** Null of what the release before wrote. */
function readMemory(cursor: string): RebuildMemory | null {
  return cursor.startsWith('{') ? (JSON.parse(cursor) as RebuildMemory) : null;
}
