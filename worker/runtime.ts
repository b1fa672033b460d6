import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import type { LogEntry } from '@temporalio/worker';
import { isMissingKey } from '../platform/data-converter';
import type { Logger } from '../platform/logger';

/** How the SDK's levels are called by our logger. */
const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Lets the SDK log through our logger, as JSON lines, and leaves the signals of the process to us. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => {
      // The data converter says it once; the SDK would say it at every try of every workflow.
      const severity = isMissingKey(meta?.['error']) ? 'debug' : LEVELS[level];
      logger[severity]({ ...meta, err: meta?.['error'] }, message);
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    },
  });
}
