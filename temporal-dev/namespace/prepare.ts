import { isGrpcServiceError } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { DAY } from '../../domain/time/instant';
import { addMissingAttributes, connected } from '../parts/temporal-attributes';

/** gRPC's status code. */
const ALREADY_EXISTS = 6;

export interface Wanted {
  readonly namespace: string;
  /** How long the histories of closed workflows are kept, when the namespace is made now. */
  readonly retentionDays: number;
}

export interface Prepared {
  readonly namespace: 'made' | 'there already';
  /** Names of the search attributes that were added. */
  readonly added: readonly string[];
}

/** How long to go on, and what passes the time between two tries. */
export interface Patience {
  readonly triesAtMost: number;
  readonly pause: () => Promise<void>;
}

/**
 * Gives a Temporal server what workflows of ours need: the namespace and its search attributes. May be run again at
 * any time; a namespace that is there keeps its retention. A server listens before it serves, and a new namespace
 * reaches its parts only after seconds, so what fails is tried again.
 * @throws the last error, when patience ends.
 */
export async function prepareNamespace(
  address: string,
  wanted: Wanted,
  { triesAtMost, pause }: Patience,
): Promise<Prepared> {
  let namespace: Prepared['namespace'] | undefined;
  const added: string[] = [];
  for (let tries = 1; ; tries += 1) {
    try {
      return await connected(address, async (connection) => {
        namespace ??= await register(connection, wanted);
        added.push(...(await addMissingAttributes(connection, wanted.namespace)));
        return { namespace, added };
      });
    } catch (error) {
      if (tries >= triesAtMost) throw error;
      await pause();
    }
  }
}

async function register(connection: Connection, wanted: Wanted): Promise<Prepared['namespace']> {
  try {
    await connection.workflowService.registerNamespace({
      namespace: wanted.namespace,
      workflowExecutionRetentionPeriod: msToTs(wanted.retentionDays * DAY),
    });
    return 'made';
  } catch (error) {
    const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
    if (code === ALREADY_EXISTS) return 'there already';
    throw error;
  }
}
