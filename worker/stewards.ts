import type { Client } from '@temporalio/client';
import { reasonOf } from '../commands/temporal-failure';
import { SECOND } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import { DUTIES, stewardWorkflowId, TASK_QUEUE, WORKFLOW } from '../workflows/contract';
import type { Duty, StewardInput } from '../workflows/contract';
import { pause } from './pause';
import type { Retelling } from './retelling';

/** A Temporal that has lost its memory has its stewards again within this time. */
const EVERY_MS = 15 * SECOND;
const DEADLINE_MS = 5 * SECOND;

interface KeepingDeps {
  readonly temporal: Client;
  readonly retelling: Pick<Retelling, 'reached' | 'missed'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Default `sundial`. */
  readonly taskQueue?: string | undefined;
  readonly stop: AbortSignal;
}

/**
 * Sees to it, until `stop`, that there is one steward for each duty. Every worker does, from its start on: one that is
 * there already is left alone, and one that ended or was forgotten is started. What Temporal may have forgotten else while
 * it was away is told again.
 */
export async function keepStewards({
  temporal,
  retelling,
  logger,
  taskQueue = TASK_QUEUE,
  stop,
}: KeepingDeps): Promise<void> {
  let missed = false;
  while (!stop.aborted) {
    try {
      await Promise.all(DUTIES.map((duty) => startSteward(temporal, taskQueue, duty)));
      await retelling.reached();
      if (missed) logger.info('the stewards are there again');
      missed = false;
    } catch (error) {
      retelling.missed();
      if (!missed)
        logger.warn({ reason: reasonOf(error) }, 'the stewards could not be started yet; it is tried on');
      missed = true;
    }
    await pause(EVERY_MS, stop);
  }
}

async function startSteward(temporal: Client, taskQueue: string, duty: Duty): Promise<void> {
  const input: StewardInput = { duty };
  await temporal.withDeadline(Date.now() + DEADLINE_MS, () =>
    temporal.workflow.start(WORKFLOW.steward, {
      workflowId: stewardWorkflowId(duty),
      taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `steward of ${duty}`,
    }),
  );
}
