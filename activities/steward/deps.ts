import type { AskLiveness } from '../../commands/liveness';
import type { Tell } from '../../commands/tell';
import type { Instant } from '../../domain/time/instant';
import type { Logger } from '../../platform/logger';
import type { StewardMetrics } from '../../platform/steward-metrics';
import type { Database } from '../../store/database';

/** What the duties of the stewards need of the world. */
export interface StewardDeps {
  readonly db: Database;
  readonly tell: Tell;
  readonly askLiveness: AskLiveness;
  readonly clock: () => Instant;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: StewardMetrics;
  /** For how many days the rows of the ledger are kept. */
  readonly ledgerDays: number;
}
