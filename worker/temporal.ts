import { NativeConnection } from '@temporalio/worker';
import type { Logger } from '../platform/logger';
import { pause } from './pause';
import type { SundialWorker } from './worker';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

interface Connecting {
  readonly logger: Logger;
  readonly stop: AbortSignal;
}

interface ConnectedWorker {
  readonly connection: NativeConnection;
  readonly worker: SundialWorker;
}

/**
 * Connects and makes the worker, again and again until the server is there: Temporal may start after us.
 * @returns undefined when `stop` was called for first.
 */
export async function connectWorker(
  address: string,
  make: (connection: NativeConnection) => Promise<SundialWorker>,
  { logger, stop }: Connecting,
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

/** What polls, and what it polls over. */
interface Polling {
  readonly connection: Pick<NativeConnection, 'close'>;
  readonly worker: SundialWorker;
}

/**
 * Polls until `stop`. While Temporal is away a worker polls on by itself; what ends it is an answer that looks final, a
 * namespace that is missing from a Temporal that was set up anew for instance. Then `connect` gives another one, as
 * often as it needs.
 */
export async function pollUntilStopped(
  first: Polling,
  connect: () => Promise<Polling | undefined>,
  { logger, stop }: Connecting,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  for (let current: Polling | undefined = first; current; current = await connect()) {
    try {
      await current.worker.runUntil(stopped);
      return;
    } catch (error) {
      if (stop.aborted) throw error;
      logger.error({ err: error }, 'the worker ended, and another takes its place');
      await pause(FIRST_PAUSE_MS, stop);
    } finally {
      await current.connection.close();
    }
  }
}
