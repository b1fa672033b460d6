import { randomUUID } from 'node:crypto';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { connectTemporal } from '../../platform/temporal';
import type { TemporalClient } from '../../platform/temporal';
import { eventually } from '../../test/eventually';
import { stack } from '../../test/stack';
import { refuseSharedQueue } from './shared-queue';

Runtime.install({ logger: new DefaultLogger('ERROR') });

describe('a Temporal server that a variable names', () => {
  const address = stack().temporal;
  let temporal: TemporalClient;

  beforeAll(() => {
    temporal = connectTemporal(address);
  });

  afterAll(() => temporal.close());

  it('is used when nobody polls the queue', async () => {
    await expect(refuseSharedQueue(temporal, address, randomUUID())).resolves.toBeUndefined();
  });

  it('is refused when a worker polls the queue: each would take the work of the other', async () => {
    const taskQueue = randomUUID();
    const connection = await NativeConnection.connect({ address });
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowsPath: require.resolve('../obvious/workflow'),
    });
    await worker.runUntil(
      eventually('the worker is seen', async () => {
        const refused = await refuseSharedQueue(temporal, address, taskQueue).catch(String);
        return refused === undefined ? false : refused.includes(`A worker of Sundial polls ${address}`);
      }),
    );
    await connection.close();
  });
});
