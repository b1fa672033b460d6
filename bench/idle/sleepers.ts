import { statSync } from 'node:fs';
import path from 'node:path';
import type { TemporalClient } from '../../platform/temporal';
import type { Setting } from '../../temporal-dev/setting/setting';
import { BenchStopped } from '../bench';
import type { BenchRun } from '../bench';

const AT_ONCE = 20;

/**
 * The obvious way to wait: a workflow for each message, which begins at its instant. How many bytes Temporal keeps for one
 * that has not begun; nobody runs them.
 */
export async function bytesPerSleeper(
  { interrupted }: Pick<BenchRun, 'interrupted'>,
  { temporal, setting }: { readonly temporal: TemporalClient; readonly setting: Setting },
  count: number,
): Promise<number> {
  const before = databaseBytes(setting);
  let next = 0;
  async function startNext(): Promise<void> {
    while (next < count) {
      interrupted.throwIfAborted();
      const id = next;
      next += 1;
      await temporal.client.workflow.start('obviousMessage', {
        workflowId: `bench-sleeper/${id}`,
        taskQueue: 'bench-sleepers',
        args: [{ id, recipient: `person-${id}`, templateId: 'tpl_00000000000000000000000000' }],
        startDelay: '365 days',
      });
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, startNext));
  for (const result of ended) if (result.status === 'rejected') throw result.reason;
  return Math.round((databaseBytes(setting) - before) / count);
}

/** With what is written ahead of it. */
function databaseBytes({ data, environment }: Setting): number {
  if (environment['TEMPORAL_ADDRESS']) {
    throw new BenchStopped(
      'What a workflow costs can be weighed in a Temporal of the bench alone: leave TEMPORAL_ADDRESS out.',
    );
  }
  const file = path.join(data, 'temporal', 'temporal.db');
  return [file, `${file}-wal`].reduce(
    (sum, one) => sum + (statSync(one, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
