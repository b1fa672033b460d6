import type { Duty } from '../../workflows/contract';
import { SECOND } from '../../domain/time/instant';
import { describeError } from '../../platform/logger';
import { isDatabaseUnavailable } from '../../store/unavailable';
import type { DutyReport, DutyTurn, StewardActivities } from '../contract';
import { deliverCommands } from './commands';
import { checkCounters } from './counters';
import type { StewardDeps } from './deps';
import { nudgeMessages } from './messages';
import { makePartitions } from './partitions';
import { rebuildWorkflows } from './rebuild';
import { reviveSchedules } from './revive';

export type { StewardDeps } from './deps';

type Step = (deps: StewardDeps, turn: DutyTurn) => Promise<DutyReport>;

/** The duties of the stewards in one worker process. */
export function createStewardActivities(deps: StewardDeps): StewardActivities {
  return {
    deliverCommands: measured(deps, 'commands', deliverCommands),
    reviveSchedules: measured(deps, 'revive', reviveSchedules),
    nudgeMessages: measured(deps, 'messages', nudgeMessages),
    makePartitions: measured(deps, 'partitions', makePartitions),
    checkCounters: measured(deps, 'counters', checkCounters),
    rebuildWorkflows: measured(deps, 'rebuild', rebuildWorkflows),
  };
}

function measured(deps: StewardDeps, duty: Duty, step: Step): (turn: DutyTurn) => Promise<DutyReport> {
  const { clock, logger, metrics } = deps;
  // A duty that has never failed says so: what is not there raises no alert.
  metrics.failures.inc({ duty }, 0);
  return async (turn) => {
    try {
      const report = await step(deps, turn);
      metrics.lastSuccess.set({ duty }, clock() / SECOND);
      for (const [action, count = 0] of Object.entries(report.did)) {
        metrics.actions.inc({ duty, action }, count);
      }
      return report;
    } catch (error) {
      metrics.failures.inc({ duty });
      const reason = isDatabaseUnavailable(error) ? 'database' : 'other';
      logger.warn(
        { duty, reason, ...describeError(error) },
        'a turn of the steward failed; it is tried again',
      );
      throw error;
    }
  };
}
