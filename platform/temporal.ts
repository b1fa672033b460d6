import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/client';

export interface TemporalClient {
  readonly client: Client;
  /** Asks the server whether it serves. @throws when it does not answer within `deadlineMs`. */
  ping(deadlineMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A client of the Temporal server at `host:port`, namespace `default`. It connects at the first call, so that a
 * process starts while the server is still away.
 * @param dataConverter without one, what the client writes can be read by whoever reads Temporal's database.
 */
export function connectTemporal(address: string, dataConverter?: DataConverter): TemporalClient {
  const connection = Connection.lazy({ address });
  return {
    client: new Client({ connection, ...(dataConverter && { dataConverter }) }),
    async ping(deadlineMs) {
      await connection.withDeadline(Date.now() + deadlineMs, () =>
        connection.workflowService.getSystemInfo({}),
      );
    },
    close: () => connection.close(),
  };
}
