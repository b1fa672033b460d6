import { channelOfCode } from '../../domain/delivery/channel';
import { stateOfCode } from '../../domain/delivery/state';
import { SECOND } from '../../domain/time/instant';
import { listUncounted, mendCounters, sampleOpen } from '../../store/counter-check';
import type { Countable, Difference } from '../../store/counter-check';
import type { DutyReport, DutyTurn } from '../contract';
import type { StewardDeps } from './deps';

const CLOSED_A_TURN = 100;
const OPEN_A_TURN = 5;

/** A million rows take a second to count: a turn ends with the occurrence during which this has passed. */
const TURN_MS = 10 * SECOND;

/**
 * Compares the counters with the ledger: of every occurrence once it has closed, and of a few open ones a turn, over
 * which the cursor goes round. The ledger is right, because a row of it is what decides whether somebody is sent to.
 */
export async function checkCounters(deps: StewardDeps, { cursor }: DutyTurn): Promise<DutyReport> {
  const { db, clock } = deps;
  const endBy = clock() + TURN_MS;
  const closed = await listUncounted(db, CLOSED_A_TURN);
  const open = await sampleOpen(db, cursor ?? '0', OPEN_A_TURN);

  let checked = 0;
  let mended = 0;
  for (const occurrence of [...closed, ...open]) {
    if (checked > 0 && clock() > endBy) break;
    mended += await mend(deps, occurrence);
    checked += 1;
  }
  const seen = open[checked - closed.length - 1];
  const roundEnds = seen === open.at(-1) && open.length < OPEN_A_TURN;
  return {
    did: { checked, mended },
    cursor: roundEnds ? null : (seen?.occurrenceId ?? cursor),
    next: closed.length === CLOSED_A_TURN || checked < closed.length ? 'at-once' : 'in-its-time',
  };
}

/** How many sums were wrong. */
async function mend({ db, clock, logger }: StewardDeps, occurrence: Countable): Promise<number> {
  const differences = await mendCounters(db, occurrence, clock());
  for (const { people, ...sum } of differences) {
    logger.error(
      { occurrenceId: occurrence.occurrenceId, ...namesOf(sum), people },
      'a counter differed from the ledger and was mended',
    );
  }
  return differences.length;
}

/** Code 0 stands for people who never came to a channel. */
function namesOf({ step, channel, state }: Omit<Difference, 'people'>): Record<string, string> {
  return { step, channel: channel === 0 ? 'none' : channelOfCode(channel), state: stateOfCode(state) };
}
