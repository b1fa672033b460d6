import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import type { Database } from '../store/database';
import { tellAgain } from '../store/outbox';
import { readMark } from '../store/steward-marks';

/** By so much the clocks of processes may differ. */
const MARGIN = 10 * SECOND;

export interface Retelling {
  /** Notes what Postgres and Temporal both know of. To be called before anything is taken from Temporal. */
  begin(): Promise<void>;
  /** Temporal was reached: for the first time, or after it was missed, what it may have forgotten is told again. */
  reached(): Promise<void>;
  missed(): void;
}

/**
 * A Temporal that was away may have come back from a backup or a replica that lacks its last moments. `rebuild` notices
 * when a turn of it is among what is lost; otherwise all that was told before its last turn is remembered, and what was
 * told since is told again: the commands of a minute or so.
 */
export function createRetelling({
  db,
  logger,
}: {
  readonly db: Database;
  readonly logger: Pick<Logger, 'info'>;
}): Retelling {
  let lastTurn: Instant | null = null;
  let away = true;

  const begin = async (): Promise<void> => {
    lastTurn ??= await readMark(db, 'rebuild');
  };

  return {
    begin,
    async reached() {
      await begin();
      if (away && lastTurn !== null) {
        const commands = await tellAgain(db, new Date(lastTurn - MARGIN));
        if (commands > 0) logger.info({ commands }, 'what Temporal was told last is told again');
      }
      away = false;
      lastTurn = await readMark(db, 'rebuild');
    },
    missed() {
      away = true;
    },
  };
}
