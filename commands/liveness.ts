import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { SECOND } from '../domain/time/instant';

/**
 * `alive`: it runs, and Temporal sees to it that it goes on. `failed`: its last run ended with a failure, and nobody
 * starts another. `gone`: Temporal has no such workflow, or it ended in another way (terminated by hand).
 */
export type Liveness = 'alive' | 'failed' | 'gone';

/** Asks Temporal whether a workflow lives. @throws when Temporal does not answer. */
export type AskLiveness = (workflowId: string) => Promise<Liveness>;

const DEADLINE_MS = 5 * SECOND;

const LIVING = new Set(['RUNNING', 'PAUSED', 'CONTINUED_AS_NEW']);
const FAILED = new Set(['FAILED', 'TIMED_OUT']);

export function createAskLiveness(temporal: Client): AskLiveness {
  return async (workflowId) => {
    try {
      const { status } = await temporal.withDeadline(Date.now() + DEADLINE_MS, () =>
        temporal.workflow.getHandle(workflowId).describe(),
      );
      if (LIVING.has(status.name)) return 'alive';
      return FAILED.has(status.name) ? 'failed' : 'gone';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'gone';
      throw error;
    }
  };
}
