import { dateFromDays } from '../../domain/time/calendar';
import type { CalendarDate } from '../../domain/time/calendar';
import { DAY } from '../../domain/time/instant';
import { forgetJobErrors } from '../../store/job-errors';
import { ensureAuditPartition, ensureDeliveryPartition } from '../../store/partitions';
import type { DutyReport, DutyTurn } from '../contract';
import { dayText, monthText } from './dates';
import type { StewardDeps } from './deps';
import { dropOldDays } from './old-days';

/** Somewhere it is still yesterday: an occurrence may open with that nominal date. */
const DAYS_BACK = 1;
const DAYS_AHEAD = 14;
const MONTHS_AHEAD = 2;

const FORGOTTEN_A_TURN = 5_000;

/**
 * Makes the ledger's days and the audit's months ahead, so that nobody who sends or commands waits for it, and drops the
 * days of the ledger that are older than is kept, and what jobs of that age refused. Opening an occurrence makes its own day as well, which may be years
 * ahead. Nothing of the audit is ever dropped.
 */
export async function makePartitions(deps: StewardDeps, { cursor }: DutyTurn): Promise<DutyReport> {
  const today = Math.floor(deps.clock() / DAY);
  const made = await makeAhead(deps, today);
  const dropping = await dropOldDays(deps, today, cursor);
  const before = new Date(deps.clock() - deps.ledgerDays * DAY);
  const forgotten = await forgetJobErrors(deps.db, before, FORGOTTEN_A_TURN);
  const next = forgotten === FORGOTTEN_A_TURN ? 'at-once' : dropping.next;
  return { did: { made, ...dropping.did, forgotten }, cursor: dropping.cursor, next };
}

async function makeAhead({ db }: StewardDeps, today: number): Promise<number> {
  let made = 0;
  for (let day = today - DAYS_BACK; day <= today + DAYS_AHEAD; day += 1) {
    if ((await ensureDeliveryPartition(db, dayText(day))) === 'made') made += 1;
  }
  const month: CalendarDate = dateFromDays(today);
  for (let ahead = 0; ahead <= MONTHS_AHEAD; ahead += 1) {
    if ((await ensureAuditPartition(db, monthText(month, ahead))) === 'made') made += 1;
  }
  return made;
}
