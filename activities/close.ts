import { tallyOccurrence } from '../store/counters';
import { closeOccurrence as close } from '../store/occurrences';
import type { OccurrenceRef, Tally } from './contract';
import type { ActivityDeps } from './deps';

/** Closes an occurrence, once, and returns the sum of its outcomes. */
export async function closeOccurrence(
  { db, clock }: Pick<ActivityDeps, 'db' | 'clock'>,
  { tenantId, occurrenceId }: OccurrenceRef,
): Promise<Tally> {
  await close(db, tenantId, occurrenceId, clock());
  return tallyOccurrence(db, occurrenceId);
}
