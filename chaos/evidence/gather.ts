import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { World } from '../world/world';
import type { Evidence } from './evidence';
import { readCounters, readOutcomes, readTotals } from './ledger-reads';
import { readLeftovers } from './leftovers';
import { askForCounts } from './shown-counts';
import { countsOf } from './tally';
import { readWorkflows } from './workflows';

/** Looks at everything when it is over. @param unrest why it is not; null when it is */
export async function gatherEvidence(world: World, people: number, unrest: string | null): Promise<Evidence> {
  const { db, mail, kills, crew, stack } = world;
  const outcomes = await readOutcomes(db);
  const workflows = await readWorkflows(world);
  const rows = outcomes.map(({ campaign, state }) => ({ campaign, state, people: 1 }));
  return {
    people,
    mail: mail.log,
    kills,
    outcomes,
    counts: [
      ...countsOf('the ledger', rows),
      ...countsOf('its counters', await readCounters(db)),
      ...(await askForCounts(world)),
    ],
    totals: await readTotals(db),
    leftovers: { ...(await readLeftovers(db)), workflows },
    deaths: crew.deaths(),
    mendedCounters: mendedIn(stack.logs),
    unrest,
  };
}

/** Every worker writes a line for a counter that its steward had to mend. */
function mendedIn(logs: string): number {
  const workers = readdirSync(logs).filter((name) => name.startsWith('worker-'));
  return workers.reduce((sum, name) => {
    const lines = readFileSync(path.join(logs, name), 'utf8').split('\n');
    return sum + lines.filter((line) => line.includes('a counter differed from the ledger')).length;
  }, 0);
}
