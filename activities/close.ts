import { tallyOccurrence } from '../store/counters';
import { closeOccurrence as close } from '../store/occurrences';
import type { OccurrenceRef, Tally } from './contract';
import type { ActivityDeps } from './deps';

/** Closes an occurrence, once, and returns the sum of its outcomes; null when somebody is left to be settled. */
export async function closeOccurrence(
  { db, clock }: Pick<ActivityDeps, 'db' | 'clock'>,
  { tenantId, occurrenceId }: OccurrenceRef,
): Promise<Tally | null> {
  const closed = await close(db, tenantId, occurrenceId, clock());
  return closed ? tallyOccurrence(db, occurrenceId) : null;
}
