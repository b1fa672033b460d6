import { SECOND } from '../../domain/time/instant';
import { createDataConverter } from '../../platform/data-converter';
import { createLogger } from '../../platform/logger';
import { connectTemporal } from '../../platform/temporal';
import { ChaosStopped } from '../stopped';
import { until } from '../world/until';
import type { World } from '../world/world';

/** Workflows close a moment after their rows, and visibility lags a little behind. */
const CLOSED_WITHIN_MS = 20 * SECOND;

/** The ids of workflows that still run though nothing is left for them to do. */
export async function readWorkflows({ stack, interrupted }: World): Promise<readonly string[]> {
  const dataConverter = createDataConverter(stack.keyRing, createLogger('chaos', 'silent'));
  const temporal = connectTemporal(stack.addresses.temporal, dataConverter);
  let running: string[] = [];
  try {
    await until(
      'only stewards run',
      async () => {
        const seen: string[] = [];
        const listed = temporal.client.workflow.list({ query: `ExecutionStatus = 'Running'` });
        for await (const { workflowId } of listed) if (!isStanding(workflowId)) seen.push(workflowId);
        running = seen;
        return seen.length === 0;
      },
      { withinMs: CLOSED_WITHIN_MS, interrupted },
    );
  } catch (error) {
    if (!(error instanceof ChaosStopped)) throw error;
  } finally {
    await temporal.close();
  }
  return running;
}

/** Those that live as long as the installation. */
function isStanding(workflowId: string): boolean {
  return /^(?:steward|messages)\//.test(workflowId);
}
