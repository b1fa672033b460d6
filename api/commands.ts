import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import type { Database } from '../store/database';
import { drainCommands } from '../store/outbox';
import type { Command } from '../store/outbox';
import {
  LOOK_SIGNAL,
  scheduleWorkflowId,
  SEARCH_ATTRIBUTE,
  TASK_QUEUE,
  WORKFLOW,
} from '../workflows/contract';
import type { ScheduleInput } from '../workflows/contract';
import { startDraining } from './draining';
import type { Draining } from './draining';

export interface CommandDeps {
  readonly db: Database;
  readonly temporal: Client;
  readonly logger: Logger;
  readonly clock: () => Instant;
}

const TELL_DEADLINE_MS = 5 * SECOND;

/** Carries committed commands from the outbox to the workflows of their schedules. */
export function startCommands(deps: CommandDeps): Draining {
  const { db, logger, clock } = deps;
  return startDraining({
    logger,
    what: 'the outbox',
    drain: (limit) =>
      drainCommands(
        db,
        limit,
        (command) => tell(deps, command),
        () => new Date(clock()),
      ),
  });
}

const tenantAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.tenant, 'KEYWORD');
const scheduleAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.schedule, 'KEYWORD');
const stateAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.state, 'KEYWORD');

/**
 * Wakes the schedule's workflow, or starts it. A schedule that is over may be started once more by a late
 * command; its workflow reads that there is nothing to do and ends.
 */
async function tell({ temporal, logger }: CommandDeps, command: Command): Promise<'told' | 'failed'> {
  const { tenantId, scheduleId, version } = command;
  const input: ScheduleInput = { tenantId, scheduleId };
  try {
    await temporal.withDeadline(Date.now() + TELL_DEADLINE_MS, () =>
      temporal.workflow.signalWithStart(WORKFLOW.schedule, {
        workflowId: scheduleWorkflowId(scheduleId),
        taskQueue: TASK_QUEUE,
        args: [input],
        signal: LOOK_SIGNAL,
        signalArgs: [version],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        typedSearchAttributes: new TypedSearchAttributes([
          { key: tenantAttribute, value: String(tenantId) },
          { key: scheduleAttribute, value: scheduleId },
          { key: stateAttribute, value: 'scheduled' },
        ]),
        staticSummary: `schedule ${scheduleId}`,
      }),
    );
    return 'told';
  } catch (error) {
    const reason = isGrpcServiceError(error) ? error.code : error instanceof Error ? error.name : 'unknown';
    logger.warn({ scheduleId, reason }, 'a command could not be delivered yet');
    return 'failed';
  }
}
