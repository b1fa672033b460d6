import { randomUUID } from 'node:crypto';
import type { Activities } from '../activities/contract';
import { createLogger } from '../platform/logger';
import { stack } from '../test/stack';
import { workflowBundle } from '../test/workflows/workflow-bundle';
import { connectWorker } from './temporal';
import { createSundialWorker } from './worker';

const logger = createLogger('test', 'silent');
const unused = async (): Promise<never> => Promise.reject(new Error('not asked for'));
const activities: Activities = {
  readSchedule: unused,
  openOccurrence: unused,
  completeSchedule: unused,
  planOccurrence: unused,
  cutPages: unused,
  deliverPage: unused,
  closeOccurrence: unused,
};

describe('connecting to Temporal', () => {
  it('tries again until the server takes the worker', async () => {
    const bundle = await workflowBundle();
    const stop = new AbortController();
    let tries = 0;
    const connected = await connectWorker(
      stack().temporal,
      (connection) => {
        tries += 1;
        if (tries < 2) throw new Error('namespace not found');
        return createSundialWorker({
          connection,
          workflowBundle: bundle,
          activities,
          taskQueue: randomUUID(),
        });
      },
      { logger, stop: stop.signal },
    );
    expect(tries).toBe(2);
    const running = connected?.worker.run();
    connected?.worker.shutdown();
    await running;
    expect(connected?.worker.getState()).toBe('STOPPED');
    await connected?.connection.close();
  });

  it('gives up when it is told to stop', async () => {
    const stop = new AbortController();
    const connecting = connectWorker('127.0.0.1:1', () => Promise.reject(new Error('never')), {
      logger: Object.assign(createLogger('test', 'silent'), { warn: () => stop.abort() }),
      stop: stop.signal,
    });
    await expect(connecting).resolves.toBeUndefined();
  });
});
