import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

/**
 * Keeps the histories of a story for `test/workflows/replay.test.ts`: does something only when asked to, by
 * `SUNDIAL_RECORD_HISTORIES=1 npx jest test/e2e test/workflows`. Record again, under a new name, for each new branch of a
 * workflow; never replace a file, because schedules that wrote such a history may still be asleep.
 */
export async function recordHistories(story: string, workflows: readonly WorkflowHandle[]): Promise<void> {
  if (process.env['SUNDIAL_RECORD_HISTORIES'] !== '1') return;
  const recorded = await Promise.all(
    workflows.map(async (workflow) => ({
      workflowId: workflow.workflowId,
      history: withoutMachines(JSON.parse(historyToJSON(await wholeHistory(workflow)))),
    })),
  );
  const file = path.join(__dirname, `${story}.json`);
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`);
}

/** A few events at a time: what a test fattened is more than one answer of the server may hold. */
async function wholeHistory(workflow: WorkflowHandle): Promise<temporal.api.history.v1.IHistory> {
  const { runId } = await workflow.describe();
  const { connection, options } = workflow.client;
  const events: temporal.api.history.v1.IHistoryEvent[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await connection.workflowService.getWorkflowExecutionHistory({
      namespace: options.namespace,
      execution: { workflowId: workflow.workflowId, runId },
      maximumPageSize: 2,
      ...(nextPageToken && { nextPageToken }),
    });
    events.push(...(page.history?.events ?? []));
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return { events };
}

/** In base64; no workflow of ours takes or gives so much. */
const LONGEST_PAYLOAD = 100_000;

/**
 * A worker and its own queue are named after process and machine: neither matters to a replay. Nor does what a test
 * sent only to fatten a history.
 */
function withoutMachines(value: unknown): unknown {
  if (typeof value === 'string' && value.length > LONGEST_PAYLOAD) return btoa('null');
  if (typeof value === 'string') return value.replace(/^\d+@[^:]+/, 'worker@recorded');
  if (Array.isArray(value)) return value.map(withoutMachines);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutMachines(inner)]));
}
