import { listLiveSchedules } from '../../store/live-schedules';
import type { WalkPosition } from '../../store/live-schedules';
import type { DutyReport, DutyTurn } from '../contract';
import { createLane } from '../lane';
import type { StewardDeps } from './deps';

/** A small server starts some 200 workflows a second. */
const SCHEDULES_A_TURN = 500;
const AT_ONCE = 20;

/** The cursor once the walk has come to its end. */
const REBUILT = 'rebuilt';

/** No id and no instant of Postgres holds one. */
const BETWEEN = '|';

/** Every one of a page failed: that is Temporal, not a schedule. */
export class NobodyReached extends Error {
  override readonly name = 'NobodyReached';
}

/**
 * Walks once over all schedules that want a workflow, what has begun first and then soonest due, and tells each to look:
 * its workflow is started where there is none. A schedule that could not be told by itself is left to its next command,
 * and to `revive` when it is due. Once at the end, a turn has nothing to do.
 */
export async function rebuildWorkflows(
  { db, tell, logger }: StewardDeps,
  { cursor }: DutyTurn,
): Promise<DutyReport> {
  if (cursor === REBUILT) return { did: {}, cursor, next: 'in-its-time' };
  const schedules = await listLiveSchedules(db, positionOf(cursor), SCHEDULES_A_TURN);
  const lane = createLane(AT_ONCE);
  const outcomes = await Promise.all(schedules.map((schedule) => lane.run(() => tell(schedule))));
  const told = outcomes.filter((outcome) => outcome === 'told').length;
  if (schedules.length > 0 && told === 0) throw new NobodyReached('No schedule of the page could be told.');

  const did = { told, unreached: schedules.length - told };
  const last = schedules.at(-1);
  if (last !== undefined)
    logger.info({ told }, 'workflows of schedules were looked up, and started where missing');
  if (schedules.length < SCHEDULES_A_TURN || last === undefined)
    return { did, cursor: REBUILT, next: 'in-its-time' };
  return { did, cursor: `${last.due}${BETWEEN}${last.scheduleId}`, next: 'at-once' };
}

function positionOf(cursor: string | null): WalkPosition | null {
  if (cursor === null) return null;
  const [due = '', scheduleId = ''] = cursor.split(BETWEEN);
  return { due, scheduleId };
}
