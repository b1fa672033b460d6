import { randomUUID } from 'node:crypto';
import type { Activities } from '../activities/contract';
import { createLogger } from '../platform/logger';
import { stack } from '../test/stack';
import { workflowBundle } from '../test/workflows/workflow-bundle';
import { connectWorker, pollUntilStopped } from './temporal';
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
    await expect(connected?.worker.runUntil(Promise.resolve())).resolves.toBeUndefined();
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

/** A worker that does as told, and notes that its connection was closed. */
function scripted(closed: string[], name: string, run: (until: Promise<void>) => Promise<void>) {
  return { connection: { close: async () => void closed.push(name) }, worker: { runUntil: run } };
}

/** As a worker ends by itself. */
const fatally = (): Promise<never> => Promise.reject(new Error('NOT_FOUND: namespace default'));

describe('polling', () => {
  it('goes on with another worker over another connection when one ends, however often, until it is told to stop', async () => {
    const stop = new AbortController();
    const closed: string[] = [];
    const others = [
      scripted(closed, 'second', fatally),
      scripted(closed, 'third', (until) => {
        stop.abort();
        return until;
      }),
    ];
    await pollUntilStopped(scripted(closed, 'first', fatally), async () => others.shift(), {
      logger,
      stop: stop.signal,
    });
    expect(closed).toEqual(['first', 'second', 'third']);
    expect(others).toEqual([]);
  });

  it('ends when it is told to stop while there is no Temporal', async () => {
    const closed: string[] = [];
    await pollUntilStopped(scripted(closed, 'first', fatally), async () => undefined, {
      logger,
      stop: new AbortController().signal,
    });
    expect(closed).toEqual(['first']);
  });

  it('says how a worker failed to end that was told to', async () => {
    const stop = new AbortController();
    stop.abort();
    const closed: string[] = [];
    const polling = pollUntilStopped(scripted(closed, 'first', fatally), async () => undefined, {
      logger,
      stop: stop.signal,
    });
    await expect(polling).rejects.toThrow('NOT_FOUND');
    expect(closed).toEqual(['first']);
  });
});
