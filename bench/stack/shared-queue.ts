import { temporal } from '@temporalio/proto';
import type { TemporalClient } from '../../platform/temporal';
import { TASK_QUEUE } from '../../workflows/contract';
import { BenchStopped } from '../bench';

const { TaskQueueType } = temporal.api.enums.v1;

/** A poll lasts up to a minute: who has not come back since is gone. */
const GONE_AFTER_MS = 65_000;

/** Two workers on one queue take each other's tasks, each over a database that knows nothing of the other's. */
export async function refuseSharedQueue(
  { client }: TemporalClient,
  address: string,
  taskQueue = TASK_QUEUE,
): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: 'default',
    taskQueue: { name: taskQueue },
    taskQueueType: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
  });
  const lively = (pollers ?? []).filter(
    ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > Date.now() - GONE_AFTER_MS,
  );
  if (lively.length === 0) return;
  throw new BenchStopped(
    `A worker of Sundial polls ${address}: it would take the bench's work, and the bench its. ` +
      'Stop it and wait a minute, or leave TEMPORAL_ADDRESS unset.',
  );
}
