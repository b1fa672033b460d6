import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

/**
 * Keeps the histories of a story for `test/workflows/replay.test.ts`: does something only when asked to, by
 * `SUNDIAL_RECORD_HISTORIES=1 npx jest test/e2e`. Record again, under a new name, for each new branch of a
 * workflow; never replace a file, because schedules that wrote such a history may still be asleep.
 */
export async function recordHistories(story: string, workflows: readonly WorkflowHandle[]): Promise<void> {
  if (process.env['SUNDIAL_RECORD_HISTORIES'] !== '1') return;
  const recorded = await Promise.all(
    workflows.map(async (workflow) => ({
      workflowId: workflow.workflowId,
      history: withoutMachines(JSON.parse(historyToJSON(await workflow.fetchHistory()))),
    })),
  );
  mkdirSync(__dirname, { recursive: true });
  writeFileSync(path.join(__dirname, `${story}.json`), `${JSON.stringify(recorded, null, 1)}\n`);
}

/** A worker and its own queue are named after process and machine: neither matters to a replay. */
function withoutMachines(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^\d+@[^:]+/, 'worker@recorded');
  if (Array.isArray(value)) return value.map(withoutMachines);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutMachines(inner)]));
}
