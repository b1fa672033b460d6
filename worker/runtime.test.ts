import { Runtime } from '@temporalio/worker';
import { createLogger } from '../platform/logger';
import { installRuntime } from './runtime';

describe('the runtime of the engine', () => {
  it('logs through our logger, errors in the way that ours are logged', async () => {
    const logger = createLogger('test', 'silent');
    const warned = jest.fn();
    logger.warn = warned;
    installRuntime(logger);

    const error = new Error('away');
    Runtime.instance().logger.warn('poll failed', { attempt: 2, error });
    await Runtime.instance().shutdown();
    expect(warned).toHaveBeenCalledWith(expect.objectContaining({ attempt: 2, err: error }), 'poll failed');
  });
});
