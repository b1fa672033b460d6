import {
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { DutyReport } from '../activities/contract';
import { MINUTE, SECOND } from '../domain/time/instant';
import { STEWARD_NOW_SIGNAL } from './contract';
import type { Duty, StewardInput } from './contract';
import { dutySteps } from './steps';
import { shortInstant, workflowNow } from './time';

const nowSignal = defineSignal(STEWARD_NOW_SIGNAL);

/** From the end of one turn to the next. */
const INTERVAL: Record<Duty, number> = {
  commands: 15 * SECOND,
  revive: 30 * SECOND,
  messages: 10 * SECOND,
  partitions: 10 * MINUTE,
  counters: MINUTE,
  rebuild: MINUTE,
};

/** After a turn that failed, if the next one is further away. */
const RETRY = 15 * SECOND;

/** Between two turns that follow each other: a timer of its own closes the workflow task, which keeps the cursor. */
const BREATH = SECOND / 10;

/**
 * Sees to one duty for as long as there is a Temporal: a turn, a pause, the next turn. The cursor is all that it
 * remembers. A run that was started rather than continued has none and begins, which is how the duty `rebuild` notices
 * a Temporal without a memory.
 */
export async function steward({ duty, cursor: start }: StewardInput): Promise<never> {
  let cursor = start ?? null;
  let asked = false;
  setHandler(nowSignal, () => {
    asked = true;
  });

  for (;;) {
    if (asked) cursor = null;
    if (workflowInfo().continueAsNewSuggested) {
      return await continueAsNew<typeof steward>(cursor === null ? { duty } : { duty, cursor });
    }
    asked = false;
    const turn = await take(duty, cursor);
    if (turn.kind === 'done') cursor = turn.report.cursor;

    const pause = pauseAfter(duty, turn);
    const [what, next] = [describe(turn), shortInstant(workflowNow() + pause)];
    setCurrentDetails(
      `${shortInstant(workflowNow())}: ${what}. Looks again at ${next}, or at the signal \`now\`.`,
    );
    await condition(() => asked, pause, { summary: `${duty}: ${what}` });
  }
}

type Turn = { readonly kind: 'done'; readonly report: DutyReport } | { readonly kind: 'failed' };

async function take(duty: Duty, cursor: string | null): Promise<Turn> {
  try {
    return { kind: 'done', report: await stepOf(duty)({ cursor }) };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { kind: 'failed' };
  }
}

function stepOf(duty: Duty): (typeof dutySteps)[keyof typeof dutySteps] {
  switch (duty) {
    case 'commands':
      return dutySteps.deliverCommands;
    case 'revive':
      return dutySteps.reviveSchedules;
    case 'messages':
      return dutySteps.nudgeMessages;
    case 'partitions':
      return dutySteps.makePartitions;
    case 'counters':
      return dutySteps.checkCounters;
    case 'rebuild':
      return dutySteps.rebuildWorkflows;
  }
}

function pauseAfter(duty: Duty, turn: Turn): number {
  if (turn.kind === 'failed') return Math.min(RETRY, INTERVAL[duty]);
  return turn.report.next === 'at-once' ? BREATH : INTERVAL[duty];
}

/** `revived 2, unreached 1`. */
function describe(turn: Turn): string {
  if (turn.kind === 'failed') return 'the last turn failed, see the log of the workers';
  const did = Object.entries(turn.report.did).filter(([, count]) => count !== 0);
  return did.map(([what, count]) => `${what} ${count}`).join(', ') || 'nothing to do';
}
