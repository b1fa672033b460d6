import {
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { OccurrencePlan, Tally, Wave } from '../activities/contract';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { OCCURRENCE_CLOSED_SIGNAL, scheduleWorkflowId } from './contract';
import type { OccurrenceInput } from './contract';
import { listenForLooks } from './looks';
import type { Looks } from './looks';
import type { Due } from './pages';
import { showState } from './search-attributes';
import { planningSteps } from './steps';
import { shortInstant, timerUntil, workflowNow } from './time';
import { settleWave } from './wave';

/** The pause before planning again when nobody could be settled; doubled each time, up to the longest. */
const FIRST_PAUSE = 5 * SECOND;
const LONGEST_PAUSE = 300 * SECOND;

/**
 * One firing, over all the instants at which its zones reach it. Plan, sleep until the first instant that has
 * people, settle them in pages, plan again. A plan counts only people without a ledger row: planning again is the
 * late sweep (semantics.md "Late"), the way back after a pause or a cancellation, and all that a new run needs.
 *
 * What bounds history: some 25 events an instant (there are about 40) and 3 to 6 a page of 1,000 people, or a slice
 * of 200 pages when there are more. When the server suggests it the run takes no further page, awaits those in
 * flight, and continues as new.
 */
export async function occurrence(input: OccurrenceInput): Promise<Tally> {
  const looks = listenForLooks();
  let fruitless = 0;
  for (;;) {
    if (workflowInfo().continueAsNewSuggested) return await continueAsNew<typeof occurrence>(input);

    looks.answer();
    const plan = await planningSteps.planOccurrence(input);
    if (plan.kind === 'hold') {
      await waitForCommand(plan, looks);
      fruitless = 0;
      continue;
    }
    const due = nextDue(plan);
    if (due === undefined) {
      const tally = await close(input, plan);
      // Somebody was sent back to be sent to between the plan and the closing...
      if (tally === null) continue;
      // ... or just after it. Of a schedule that is cancelled nobody is.
      if (plan.kind === 'deliver' && looks.pending() && patched('plan-again-after-closing')) continue;
      return tally;
    }

    if (due.at !== null && due.armAt > workflowNow()) {
      const wait = `${shortInstant(due.at)}, ${due.label}`;
      setCurrentDetails(`Sleeps until shortly before ${wait} (version ${plan.version}).`);
      const woken = await looks.within(timerUntil(due.armAt), wait);
      if (woken === 'look' || due.people === 0) continue;
    }

    setCurrentDetails(`Is settling ${due.label} (version ${plan.version}).`);
    fruitless = (await settleWave(input, due, looks)) > 0 ? 0 : fruitless + 1;
    // Once may be chance: they left the audience between plan and page. More often it would spin.
    if (fruitless > 1) {
      const pause = Math.min(FIRST_PAUSE * 2 ** (fruitless - 2), LONGEST_PAUSE);
      setCurrentDetails(`Could settle nobody of ${due.label}, ${fruitless} times in a row: plans again.`);
      await looks.within(pause, `nobody could be settled: plan again in ${pause / SECOND} s`);
    }
  }
}

type ActivePlan = Exclude<OccurrencePlan, { kind: 'hold' }>;

/** Without a timer: a resume writes its row and its look, and the outbox repeats the look until it has come. */
async function waitForCommand({ version }: OccurrencePlan, looks: Looks): Promise<void> {
  showState('paused', null);
  setCurrentDetails(`Is paused (version ${version}): waits for a command.`);
  await looks.next();
  showState('running', null);
}

/** Whom to settle next, and when to start: pages hold until the instant themselves (design.md "Arm early"). */
function nextDue(plan: ActivePlan): (Due & { armAt: Instant; people: number }) | undefined {
  if (plan.kind === 'cancel')
    return plan.people === 0 ? undefined : { at: null, armAt: 0, people: plan.people, label: 'cancelled' };
  const [first] = plan.waves;
  return (
    first && { at: first.at, armAt: first.armAt ?? first.at, people: first.people, label: labelOf(first) }
  );
}

/** `Asia/Kathmandu and 2 more zones`. */
function labelOf(wave: Wave): string {
  const others = wave.zones - 1;
  if (others < 1) return wave.zone;
  return `${wave.zone} and ${others} more ${others === 1 ? 'zone' : 'zones'}`;
}

/** Null when there is somebody left after all. */
async function close(input: OccurrenceInput, plan: ActivePlan): Promise<Tally | null> {
  const tally = await planningSteps.closeOccurrence(input);
  if (tally === null) return null;
  showState(plan.kind === 'cancel' ? 'cancelled' : 'completed', null);
  setCurrentDetails(`Closed: ${JSON.stringify(tally)}.`);
  try {
    const id = scheduleWorkflowId(input.scheduleId);
    await getExternalWorkflowHandle(id).signal(OCCURRENCE_CLOSED_SIGNAL, input.nominal);
  } catch (error) {
    // The schedule's workflow may be gone: the row is closed all the same, and whoever reads it knows.
    if (isCancellation(error)) throw error;
  }
  return tally;
}
