import type { Instant } from '../domain/time/instant';
import type { Zones } from '../domain/time/zones';
import type { Config } from '../platform/config';
import type { KeyRing } from '../platform/crypto';
import type { Logger } from '../platform/logger';
import type { ApiMetrics } from '../platform/metrics';
import type { TemporalClient } from '../platform/temporal';
import type { Database } from '../store/database';
import type { ContainerCache } from '../store/messages/container-cache';

/** All that the API needs of the outside world. */
export interface ApiDeps {
  readonly db: Database;
  readonly zones: Zones;
  readonly keyRing: KeyRing;
  readonly temporal: Pick<TemporalClient, 'ping'>;
  readonly redis: { ping(): Promise<unknown> };
  readonly smtp: { ping(deadlineMs: number): Promise<unknown> };
  /** Aborted once the process was asked to end: it still serves, and wants nothing more sent to it. */
  readonly leaving: AbortSignal;
  readonly config: Pick<Config, 'adminKey' | 'temporalUiUrl' | 'importMaxBytes' | 'webhook'> &
    Partial<Pick<Config, 'workerMetricsUrls'>>;
  readonly clock: () => Instant;
  readonly logger: Logger;
  readonly metrics: ApiMetrics;
  /** Where outcomes of messages will be recorded. */
  readonly containers: ContainerCache;
  /** Called after messages were committed, or moved: time to tell who sends them. Must not throw, nor wait. */
  readonly messagesWritten: (messages: readonly WrittenMessage[]) => void;
  /** Called after a command was committed: time to drain the outbox. Must not throw. */
  readonly commandWritten: () => void;
}

/** A message that waits, as far as those have to know who send it. */
export interface WrittenMessage {
  readonly uuid: string;
  readonly due: Date;
  readonly waiting: { readonly priority: number } | null;
}

/** What routes are made of. Postgres is not among it: each request brings its own view of it (`Caller.db`). */
export type RouteDeps = Omit<ApiDeps, 'db'>;
