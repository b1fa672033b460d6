import type { Channels } from '../channels/registry';
import type { Instant } from '../domain/time/instant';
import type { Zones } from '../domain/time/zones';
import type { KeyRing } from '../platform/crypto';
import type { Logger } from '../platform/logger';
import type { WorkerMetrics } from '../platform/metrics';
import type { Places } from '../store/caps/places';
import type { Database } from '../store/database';
import type { JobRun } from './job-run';
import type { MessageRun } from './messages/run';
import type { PageRun } from './page-run';

/** What activities need of the world. */
export interface ActivityDeps {
  readonly db: Database;
  readonly zones: Zones;
  readonly channels: Channels;
  readonly keyRing: KeyRing;
  /** Under the caps of people. */
  readonly places: Places;
  readonly clock: () => Instant;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** Resolves after `ms`, or at once when the signal is aborted; never rejects. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly metrics: WorkerMetrics;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'>;
  /** Under which people reach the API, for links in the Web UI. */
  readonly publicUrl?: string | undefined;
  /** The run of the page that is being delivered; Temporal's unless a test says otherwise. */
  readonly pageRun?: () => PageRun;
  /** Likewise of messages that are being delivered. */
  readonly messageRun?: () => MessageRun;
  /** Likewise of the job that is being carried on. */
  readonly jobRun?: () => JobRun;
}
