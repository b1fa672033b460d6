import { setTimeout as sleep } from 'node:timers/promises';
import type { TemporalClient } from '../platform/temporal';
import { SEARCH_ATTRIBUTE } from '../workflows/contract';
import { BenchStopped } from './bench';

const CLOSED_WITHIN_MS = 60_000;

/** Events in the histories of a schedule and of all that it started, every run of each, once all have closed. */
export async function countEvents({ client }: TemporalClient, scheduleId: string): Promise<number> {
  const deadline = Date.now() + CLOSED_WITHIN_MS;
  for (;;) {
    let events = 0;
    let open = 0;
    let runs = 0;
    const query = `${SEARCH_ATTRIBUTE.schedule} = '${scheduleId}'`;
    for await (const { historyLength, status } of client.workflow.list({ query })) {
      runs += 1;
      events += historyLength;
      if (status.name === 'RUNNING') open += 1;
    }
    // Visibility follows the histories by a moment.
    if (runs > 1 && open === 0) return events;
    if (Date.now() > deadline)
      throw new BenchStopped(`${open} workflows of schedule ${scheduleId} stay open.`);
    await sleep(100);
  }
}
