import { dateFromDays } from '../../domain/time/calendar';
import type { CalendarDate } from '../../domain/time/calendar';
import { DAY } from '../../domain/time/instant';
import { ensureAuditPartition, ensureDeliveryPartition } from '../../store/partitions';
import type { DutyReport } from '../contract';
import type { StewardDeps } from './deps';

/** Somewhere it is still yesterday: an occurrence may open with that nominal date. */
const DAYS_BACK = 1;
const DAYS_AHEAD = 14;
const MONTHS_AHEAD = 2;

/**
 * Makes the ledger's days and the audit's months ahead, so that nobody who sends or commands waits for it. Opening an
 * occurrence makes its own day as well, which may be years ahead. Nothing is dropped here.
 */
export async function makePartitions({ db, clock }: StewardDeps): Promise<DutyReport> {
  const today = Math.floor(clock() / DAY);
  let made = 0;
  for (let day = today - DAYS_BACK; day <= today + DAYS_AHEAD; day += 1) {
    if ((await ensureDeliveryPartition(db, dayText(dateFromDays(day)))) === 'made') made += 1;
  }
  const month = dateFromDays(today);
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead += 1) {
    if ((await ensureAuditPartition(db, monthText(month, ahead))) === 'made') made += 1;
  }
  return { did: { made }, cursor: null, next: 'in-its-time' };
}

function dayText({ year, month, day }: CalendarDate): string {
  return `${monthText({ year, month }, 0)}-${digits(day)}`;
}

function monthText({ year, month }: Pick<CalendarDate, 'year' | 'month'>, ahead: number): string {
  const months = year * 12 + month - 1 + ahead;
  return `${Math.floor(months / 12)}-${digits((months % 12) + 1)}`;
}

function digits(number: number): string {
  return String(number).padStart(2, '0');
}
