import { DAY } from '../../domain/time/instant';
import { drainCommands, forgetCommands } from '../../store/outbox';
import type { DutyReport } from '../contract';
import type { StewardDeps } from './deps';

/** Commands told at once; they stay locked meanwhile. */
const BATCH = 50;
const MOST_BATCHES = 20;

/** How long delivered commands are kept, for whoever wants to see when a schedule was told. */
const KEPT_FOR = DAY;
const FORGOTTEN_A_TURN = 5_000;

/**
 * Delivers what no API process has delivered: it died between commit and signal, or none lives. An API that does is
 * not in the way, because whoever takes a command locks it.
 */
export async function deliverCommands(deps: StewardDeps): Promise<DutyReport> {
  const { db, tell, clock } = deps;
  let delivered = 0;
  let full = true;
  for (let batch = 0; full && batch < MOST_BATCHES; batch += 1) {
    const { done } = await drainCommands(db, BATCH, tell, () => new Date(clock()));
    delivered += done;
    full = done === BATCH;
  }
  const forgotten = await forgetCommands(db, new Date(clock() - KEPT_FOR), FORGOTTEN_A_TURN);
  const more = full || forgotten === FORGOTTEN_A_TURN;
  return { did: { delivered, forgotten }, cursor: null, next: more ? 'at-once' : 'in-its-time' };
}
