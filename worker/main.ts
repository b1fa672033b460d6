import { ConfigError, loadConfig } from '../platform/config';
import { createLogger } from '../platform/logger';
import { WORKFLOW_BUNDLE } from './bundle-path';
import { runWorker } from './run';
import { installRuntime } from './runtime';

/** The worker process: runs until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger('worker', config.logLevel);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  installRuntime(logger);
  await runWorker(config, { logger, stop: stop.signal, workflowBundle: { codePath: WORKFLOW_BUNDLE } });
  logger.info('the worker has ended');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const told = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : error;
    process.stderr.write(`${String(told)}\n`);
    process.exit(1);
  },
);
