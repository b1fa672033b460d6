import { once } from 'node:events';
import { ConfigError, loadConfig } from '../platform/config';
import { createLogger } from '../platform/logger';
import { startApi } from './server';

/** The API process: serves until SIGTERM or SIGINT, then finishes what is in flight. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger('api', config.logLevel);
  const asked = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const api = await startApi(config, logger);
  const [signal] = await asked;
  logger.info({ signal: String(signal) }, 'stopping');
  await api.stop();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const told = error instanceof ConfigError ? error.message : error instanceof Error ? error.stack : error;
    process.stderr.write(`${String(told)}\n`);
    process.exit(1);
  },
);
