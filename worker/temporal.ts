import { NativeConnection } from '@temporalio/worker';
import type { Worker } from '@temporalio/worker';
import type { Logger } from '../platform/logger';
import { pause } from './pause';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

interface ConnectedWorker {
  readonly connection: NativeConnection;
  readonly worker: Worker;
}

/**
 * Connects and makes the worker, again and again until the server is there: Temporal may start after us.
 * @returns undefined when `stop` was called for first.
 */
export async function connectWorker(
  address: string,
  make: (connection: NativeConnection) => Promise<Worker>,
  { logger, stop }: { logger: Logger; stop: AbortSignal },
): Promise<ConnectedWorker | undefined> {
  for (let ms = FIRST_PAUSE_MS; !stop.aborted; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) {
    let connection: NativeConnection | undefined;
    try {
      connection = await NativeConnection.connect({ address });
      return { connection, worker: await make(connection) };
    } catch (error) {
      await connection?.close();
      logger.warn({ reason: String(error), againInMs: ms }, 'Temporal does not answer yet');
      await pause(ms, stop);
    }
  }
  return undefined;
}
