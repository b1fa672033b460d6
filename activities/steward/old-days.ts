import { DAY, SECOND } from '../../domain/time/instant';
import { dropDay, listDaysBefore } from '../../store/ledger-days';
import type { DayEnd } from '../../store/ledger-days';
import type { DutyReport } from '../contract';
import { dayText } from './dates';
import type { StewardDeps } from './deps';

/** To look through a day takes seconds, and to drop it waits for others: a turn ends with the day during which this has passed. */
const TURN_MS = 20 * SECOND;

/**
 * Drops days of the ledger that are older than is kept, oldest first. One in which something is still to come is held
 * back and said, because somebody has to see to it: somebody's decision is missing, or an occurrence never closes. The
 * cursor is the last day that was looked at.
 */
export async function dropOldDays(
  { db, clock, logger, ledgerDays }: StewardDeps,
  today: number,
  cursor: string | null,
): Promise<DutyReport> {
  const now = clock();
  const quietSince = new Date(now - ledgerDays * DAY);
  const did: Record<Exclude<DayEnd, 'recent'>, number> = { dropped: 0, 'held-back': 0, busy: 0 };
  const days = await listDaysBefore(db, dayText(today - ledgerDays), cursor);
  for (const day of days) {
    const end = await dropDay(db, day, { quietSince, now: new Date(now) });
    if (end !== 'recent') did[end] += 1;
    if (end === 'dropped') logger.info({ day }, 'a day of the ledger was dropped: it is older than is kept');
    if (end === 'held-back') {
      logger.warn({ day }, 'a day of the ledger is older than is kept, but something of it is still to come');
    }
    if (day !== days.at(-1) && clock() - now > TURN_MS) return { did, cursor: day, next: 'at-once' };
  }
  return { did, cursor: null, next: 'in-its-time' };
}
