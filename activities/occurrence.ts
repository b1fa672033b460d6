import { ApplicationFailure } from '@temporalio/common';
import { onceTimeOf } from '../domain/schedule/once-time';
import type { ExistedBy } from '../store/audience';
import { readOccurrence } from '../store/occurrences';
import type { OccurrenceRecord } from '../store/occurrences';
import type { OccurrenceRef } from './contract';
import type { ActivityDeps } from './deps';
import { createTimetable } from './due';
import type { Timetable } from './due';

/** An occurrence with its timetable, read afresh by every activity. */
export interface OpenOccurrence {
  readonly record: OccurrenceRecord;
  readonly timetable: Timetable;
  /** By when people have to have existed to belong to it. */
  readonly existedBy: ExistedBy;
}

/** @throws ApplicationFailure that is not retried when the tenant has no such occurrence. */
export async function loadOccurrence(
  { db, zones, logger }: Pick<ActivityDeps, 'db' | 'zones' | 'logger'>,
  { tenantId, occurrenceId }: OccurrenceRef,
): Promise<OpenOccurrence> {
  const record = await readOccurrence(db, tenantId, occurrenceId);
  if (!record) {
    throw ApplicationFailure.nonRetryable(`There is no occurrence ${occurrenceId}.`, 'OccurrenceUnknown');
  }
  const time = onceTimeOf(record.config.timing, record.tenantZone);
  const timetable = createTimetable(zones, time, record.tenantZone, (zone) => {
    logger.warn(
      { occurrenceId, zone, zoneData: zones.version },
      'unknown zone: its people follow the tenant',
    );
  });
  return { record, timetable, existedBy: record.closedAt === null ? existence(record, timetable) : NOBODY };
}

function existence({ openedAt }: OccurrenceRecord, timetable: Timetable): ExistedBy {
  const all = timetable.all();
  return { openedAt, zones: all.map(({ zone }) => zone), instants: all.map(({ at }) => at) };
}

/** An occurrence that has closed before was opened again for people of its ledger: nobody joins it any more. */
const NOBODY: ExistedBy = { openedAt: 0, zones: [], instants: [] };
