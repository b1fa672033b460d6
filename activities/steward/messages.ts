import { SECOND } from '../../domain/time/instant';
import { waitingQueues } from '../../store/messages/readiness';
import type { DutyReport, DutyTurn } from '../contract';
import type { StewardDeps } from './deps';

/** Whoever sends messages is there within this time after their instant, unless nobody told them. */
const OVERDUE_MS = 3 * SECOND;

/** Where a turn goes on once every queue was told. */
const ALL_TOLD = 'told';

/**
 * Tells those who send messages of what has been due for a while: the nudge was lost, with the process that was to give
 * it, or they were. The first turn of a Temporal that remembers nothing tells everybody who has something to wait for.
 */
export async function nudgeMessages(
  { db, tellMessages, clock }: Pick<StewardDeps, 'db' | 'tellMessages' | 'clock'>,
  { cursor }: DutyTurn,
): Promise<DutyReport> {
  const queues = await waitingQueues(db, cursor === ALL_TOLD ? clock() - OVERDUE_MS : null);
  const outcomes = await Promise.all(queues.map(tellMessages));
  const told = outcomes.filter((outcome) => outcome === 'told').length;
  const unreached = outcomes.length - told;
  return { did: { told, unreached }, cursor: unreached === 0 ? ALL_TOLD : cursor, next: 'in-its-time' };
}
