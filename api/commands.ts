import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { MINUTE, SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import type { Database } from '../store/database';
import { drainCommands } from '../store/outbox';
import type { Command } from '../store/outbox';
import { isDatabaseUnavailable } from '../store/unavailable';
import {
  LOOK_SIGNAL,
  scheduleWorkflowId,
  SEARCH_ATTRIBUTE,
  TASK_QUEUE,
  WORKFLOW,
} from '../workflows/contract';
import type { ScheduleInput } from '../workflows/contract';

/** Carries committed commands from the outbox to the workflows of their schedules. */
export interface Commands {
  /** A command was committed: drain now. */
  readonly written: () => void;
  /** Ends when the drain under way has ended. */
  readonly stop: () => Promise<void>;
}

export interface CommandDeps {
  readonly db: Database;
  readonly temporal: Client;
  readonly logger: Logger;
  readonly clock: () => Instant;
}

const BATCH = 50;
/** How often the outbox is looked at without being told: another process may have died with a command in hand. */
const IDLE_MS = 5 * SECOND;
const FIRST_RETRY_MS = SECOND;
const LONGEST_RETRY_MS = MINUTE / 2;
const TELL_DEADLINE_MS = 5 * SECOND;

/** Starts draining. While Temporal or Postgres is away it keeps trying, ever less often. */
export function startCommands(deps: CommandDeps): Commands {
  const { db, logger, clock } = deps;
  let stopped = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> | null = null;
  let again = false;

  function written(): void {
    if (stopped) return;
    if (current) {
      again = true;
      return;
    }
    clearTimeout(timer);
    current = drain().finally(() => {
      current = null;
      if (stopped) return;
      if (again) {
        again = false;
        written();
      } else {
        timer = setTimeout(written, failures === 0 ? IDLE_MS : retryMs(failures));
      }
    });
  }

  async function drain(): Promise<void> {
    try {
      const { done, left } = await drainCommands(
        db,
        BATCH,
        (command) => tell(deps, command),
        () => new Date(clock()),
      );
      if (done === BATCH) again = true;
      failures = left === 0 ? 0 : failures + 1;
    } catch (error) {
      failures += 1;
      const reason = isDatabaseUnavailable(error)
        ? 'database'
        : error instanceof Error
          ? error.name
          : 'unknown';
      logger.warn({ reason, failures }, 'the outbox could not be read');
    }
  }

  written();
  return {
    written,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await current;
    },
  };
}

function retryMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
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
