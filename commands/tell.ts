import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { SECOND } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import type { Command } from '../store/outbox';
import {
  LOOK_SIGNAL,
  scheduleWorkflowId,
  SEARCH_ATTRIBUTE,
  TASK_QUEUE,
  WORKFLOW,
} from '../workflows/contract';
import type { ScheduleInput } from '../workflows/contract';
import { reasonOf } from './temporal-failure';

/** Tells the workflow of a schedule to look, and starts it where there is none. Never rejects. */
export type Tell = (command: Command) => Promise<'told' | 'failed'>;

interface TellDeps {
  readonly temporal: Client;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Default `sundial`. */
  readonly taskQueue?: string;
}

const DEADLINE_MS = 5 * SECOND;

const tenantAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.tenant, 'KEYWORD');
const scheduleAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.schedule, 'KEYWORD');
const stateAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.state, 'KEYWORD');

/**
 * A schedule that is over may be started once more by a late command; its workflow reads that there is nothing to do
 * and ends.
 */
export function createTell({ temporal, logger, taskQueue = TASK_QUEUE }: TellDeps): Tell {
  return async ({ tenantId, scheduleId, version, correlationIds = [] }) => {
    const input: ScheduleInput = { tenantId, scheduleId };
    try {
      await temporal.withDeadline(Date.now() + DEADLINE_MS, () =>
        temporal.workflow.signalWithStart(WORKFLOW.schedule, {
          workflowId: scheduleWorkflowId(scheduleId),
          taskQueue,
          args: [input],
          signal: LOOK_SIGNAL,
          signalArgs: [version],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          typedSearchAttributes: new TypedSearchAttributes([
            { key: tenantAttribute, value: String(tenantId) },
            { key: scheduleAttribute, value: scheduleId },
            { key: stateAttribute, value: 'scheduled' },
          ]),
          // Inherited by all that it starts, where the server takes tenants by turns.
          priority: { fairnessKey: String(tenantId) },
          staticSummary: `schedule ${scheduleId}`,
        }),
      );
      // Stewards tell a hundred thousand schedules at once, and say how many themselves.
      if (correlationIds.length > 0) {
        logger.info(
          { correlationIds, tenant: tenantId, scheduleId, version },
          'a workflow was told of a command',
        );
      }
      return 'told';
    } catch (error) {
      logger.warn(
        { correlationIds, scheduleId, reason: reasonOf(error) },
        'a command could not be delivered yet',
      );
      return 'failed';
    }
  };
}
