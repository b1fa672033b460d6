import type { Instant } from '../../domain/time/instant';
import { listEndedSince, listLeftOpen, listLiveSchedules } from '../../store/live-schedules';
import type { Database } from '../../store/database';
import type { Command } from '../../store/outbox';
import { readMark, setMark } from '../../store/steward-marks';
import type { DutyReport, DutyTurn } from '../contract';
import { createLane } from '../lane';
import type { StewardDeps } from './deps';
import { beginTurn, writeMemory } from './rebuild-memory';
import type { Walk } from './rebuild-memory';

/** A small server starts some 200 workflows a second. */
const SCHEDULES_A_TURN = 500;
const AT_ONCE = 20;

const DUTY = 'rebuild';

/** Every one of a page failed: that is Temporal, not a schedule. */
export class NobodyReached extends Error {
  override readonly name = 'NobodyReached';
}

/**
 * Walks over all schedules that want a workflow, what has begun first and then soonest due, and tells each to look: its
 * workflow is started where there is none, and reads what is wanted where it has missed something. It does so when
 * Temporal has never heard of this duty, and when Temporal and Postgres remember different turns of it, because one of
 * them was restored. A schedule that could not be told by itself is left to its next command, and to `revive` when it is
 * due. Once at the end, a turn notes that it was.
 */
export async function rebuildWorkflows(deps: StewardDeps, { cursor }: DutyTurn): Promise<DutyReport> {
  const { db, clock, logger } = deps;
  const { walk, since, memories } = beginTurn(cursor, await readMark(db, DUTY));
  if (memories === 'different') {
    logger.warn(
      { since: since === null ? null : new Date(since).toISOString() },
      'Temporal and Postgres remember different things, as after a backup was restored: all schedules are told to look',
    );
  }
  if (walk === null) {
    const mark = await setMark(db, DUTY, clock());
    return { did: {}, cursor: writeMemory({ mark, walk, since }), next: 'in-its-time' };
  }

  const { schedules, goesOn } = await readOn(db, walk, since);
  const did = await tellAll(deps, schedules);
  // Last of all: a turn that fails is taken again, by what was there before it.
  const mark = await setMark(db, DUTY, clock());
  return {
    did: memories === 'different' ? { ...did, noticed: 1 } : did,
    cursor: writeMemory({ mark, walk: goesOn, since: goesOn === null ? null : since }),
    next: goesOn === null ? 'in-its-time' : 'at-once',
  };
}

async function tellAll(
  { tell, logger }: StewardDeps,
  schedules: readonly Command[],
): Promise<{ told: number; unreached: number }> {
  const lane = createLane(AT_ONCE);
  const outcomes = await Promise.all(schedules.map((schedule) => lane.run(() => tell(schedule))));
  const told = outcomes.filter((outcome) => outcome === 'told').length;
  if (schedules.length > 0 && told === 0) throw new NobodyReached('No schedule of the page could be told.');
  if (told > 0) logger.info({ told }, 'workflows of schedules were looked up, and started where missing');
  return { told, unreached: schedules.length - told };
}

/** The next stretch of a walk, and where it goes on: null at its end. */
interface WalkStretch {
  readonly schedules: readonly Command[];
  readonly goesOn: Walk | null;
}

async function readOn(db: Database, walk: Walk, since: Instant | null): Promise<WalkStretch> {
  switch (walk.list) {
    case 'live': {
      const schedules = await listLiveSchedules(db, walk.after, SCHEDULES_A_TURN);
      return {
        schedules,
        goesOn:
          behind(schedules, ({ due, scheduleId }) => ({ ...walk, after: { due, scheduleId } })) ?? LEFT_OPEN,
      };
    }
    case 'left-open': {
      const schedules = await listLeftOpen(db, walk.after, SCHEDULES_A_TURN);
      const end = since === null ? null : ENDED;
      return {
        schedules,
        goesOn: behind(schedules, ({ occurrenceId }) => ({ ...walk, after: occurrenceId })) ?? end,
      };
    }
    case 'ended': {
      const schedules = since === null ? [] : await listEndedSince(db, since, walk.after, SCHEDULES_A_TURN);
      return { schedules, goesOn: behind(schedules, ({ scheduleId }) => ({ ...walk, after: scheduleId })) };
    }
  }
}

const LEFT_OPEN: Walk = { list: 'left-open', after: '0' };
const ENDED: Walk = { list: 'ended', after: '' };

/** Null at the end of a list. */
function behind<T>(schedules: readonly T[], place: (last: T) => Walk): Walk | null {
  const last = schedules.at(-1);
  return last === undefined || schedules.length < SCHEDULES_A_TURN ? null : place(last);
}
