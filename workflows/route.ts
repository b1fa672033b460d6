import type { ActivityOptions } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import { URGENT } from '../domain/delivery/priority';
import type { Priority } from '../domain/delivery/priority';
import { urgentQueueOf } from './contract';

/**
 * Where an activity waits for a slot, and behind whom: what is urgent on a queue of its own; on either queue by
 * priority, and tenants by turns, where the server knows of both (docs/decisions/0028-priorities.md). Nothing for runs
 * from before priorities.
 */
export function routeOf({
  tenantId,
  priority,
}: {
  tenantId: number;
  priority?: Priority;
}): Pick<ActivityOptions, 'taskQueue' | 'priority'> {
  if (priority === undefined) return {};
  return {
    ...(priority === URGENT && { taskQueue: urgentQueueOf(workflowInfo().taskQueue) }),
    priority: { priorityKey: priority, fairnessKey: String(tenantId) },
  };
}
