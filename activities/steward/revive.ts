import { DAY, MINUTE } from '../../domain/time/instant';
import type { Liveness } from '../../commands/liveness';
import { listOpen, listOverdue, listUnfinished, noteRevival } from '../../store/lifeless';
import type { Suspect } from '../../store/lifeless';
import { failSchedule } from '../../store/schedule-commands';
import { occurrenceWorkflowId, scheduleWorkflowId } from '../../workflows/contract';
import type { DutyReport, DutyTurn } from '../contract';
import { createLane } from '../lane';
import type { StewardDeps } from './deps';

/** What is not a minute late may be on its way. */
const GRACE = MINUTE;

/** After so many revivals that ended in a failure, some 62 minutes, the next failure is the last. */
const MOST_FAILURES = 5;

/** Failures further back are another story. */
const FAILURES_COUNT_FOR = DAY;

/** A turn's share: so many questions to Temporal at most, a few at a time. */
const OVERDUE_A_TURN = 100;
const OPEN_A_TURN = 200;
const AT_ONCE = 10;

type Verdict = 'well' | 'revived' | 'given-up' | 'unreached';

/**
 * Looks for what should happen and does not: schedules whose next run has not begun, schedules that run though nothing
 * is open, and open occurrences without a workflow. The schedule is told to look, which starts what is missing; telling
 * one that needs nothing does no harm. The cursor goes round over the open occurrences.
 */
export async function reviveSchedules(deps: StewardDeps, { cursor }: DutyTurn): Promise<DutyReport> {
  const { db, clock } = deps;
  const now = clock();
  const [overdue, unfinished, open] = await Promise.all([
    listOverdue(db, now, now - GRACE, OVERDUE_A_TURN),
    listUnfinished(db, now, now - GRACE, OVERDUE_A_TURN),
    listOpen(db, now, now - GRACE, cursor ?? '0', OPEN_A_TURN),
  ]);

  const lane = createLane(AT_ONCE);
  const suspects = [...overdue, ...unfinished, ...open];
  const verdicts = await Promise.all(suspects.map((suspect) => lane.run(() => look(deps, suspect))));
  const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
  const last = open.length === OPEN_A_TURN ? open.at(-1) : undefined;
  return {
    did: { revived: count('revived'), 'given-up': count('given-up'), unreached: count('unreached') },
    cursor: last?.occurrenceId ?? null,
    next: overdue.length === OVERDUE_A_TURN ? 'at-once' : 'in-its-time',
  };
}

async function look(deps: StewardDeps, suspect: Suspect): Promise<Verdict> {
  const { scheduleId, nominal } = suspect;
  const workflowId =
    nominal === null ? scheduleWorkflowId(scheduleId) : occurrenceWorkflowId(scheduleId, nominal);
  const liveness = await deps.askLiveness(workflowId);
  // One that sleeps until its next zone, or a page that waits for Postgres: Temporal sees to both.
  if (liveness === 'alive' && nominal !== null) return 'well';
  const failures = failuresBefore(suspect, deps.clock());
  if (liveness === 'failed' && failures >= MOST_FAILURES) return giveUp(deps, suspect);
  return revive(deps, suspect, liveness, failures);
}

function failuresBefore({ revivedAt, failures }: Suspect, now: number): number {
  return revivedAt !== null && now - revivedAt < FAILURES_COUNT_FOR ? failures : 0;
}

async function revive(
  { db, tell, clock, logger }: StewardDeps,
  suspect: Suspect,
  liveness: Liveness,
  before: number,
): Promise<Verdict> {
  const { tenantId, scheduleId, version, nominal } = suspect;
  const failures = before + (liveness === 'failed' ? 1 : 0);
  await noteRevival(db, scheduleId, failures, clock());
  if ((await tell({ tenantId, scheduleId, version })) === 'failed') return 'unreached';
  logger.warn({ scheduleId, nominal, liveness, failures }, 'nothing came of a schedule: it was told to look');
  return 'revived';
}

async function giveUp({ db, clock, logger }: StewardDeps, suspect: Suspect): Promise<Verdict> {
  const { tenantId, scheduleId, nominal } = suspect;
  await failSchedule(db, { tenantId, actorId: 'steward', at: new Date(clock()) }, scheduleId);
  logger.error(
    { scheduleId, nominal, failures: MOST_FAILURES + 1 },
    'a schedule was given up, because its workflow failed again and again: see its history',
  );
  return 'given-up';
}
