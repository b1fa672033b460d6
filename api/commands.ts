import type { Client } from '@temporalio/client';
import { createTell } from '../commands/tell';
import type { Instant } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import type { Database } from '../store/database';
import { drainCommands } from '../store/outbox';
import { startDraining } from './draining';
import type { Draining } from './draining';

export interface CommandDeps {
  readonly db: Database;
  readonly temporal: Client;
  readonly logger: Logger;
  readonly clock: () => Instant;
}

/** Carries committed commands from the outbox to the workflows of their schedules. */
export function startCommands(deps: CommandDeps): Draining {
  const { db, logger, clock } = deps;
  const tell = createTell(deps);
  return startDraining({
    logger,
    what: 'the outbox',
    drain: (limit) => drainCommands(db, limit, tell, () => new Date(clock())),
  });
}
