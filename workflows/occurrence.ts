import {
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { OccurrencePlan, Tally, Wave } from '../activities/contract';
import { SECOND } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import { OCCURRENCE_CLOSED_SIGNAL, scheduleWorkflowId } from './contract';
import type { OccurrenceInput } from './contract';
import { showDetails } from './details';
import { listenForLooks } from './looks';
import type { Looks } from './looks';
import type { Due } from './pages';
import { routeOf } from './route';
import { showState } from './search-attributes';
import { planningSteps } from './steps';
import { shortInstant, timerUntil, workflowNow } from './time';
import { settleWave } from './wave';
import { outcomesText, peopleText } from './wording';

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
export async function occurrence(begun: OccurrenceInput): Promise<Tally> {
  let input = begun;
  const looks = listenForLooks();
  let fruitless = 0;
  for (;;) {
    if (workflowInfo().continueAsNewSuggested) return await continueAsNew<typeof occurrence>(input);

    looks.answer();
    const summary = `plan occurrence ${input.nominal}`;
    const plan = await planningSteps.planOccurrence.executeWithOptions({ summary, ...routeOf(input) }, [
      input,
    ]);
    if (plan.priority !== undefined) input = { ...input, priority: plan.priority };
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
      const whom = due.people === 0 ? 'nobody yet' : peopleText(due.people);
      showDetails(`Sleeps until shortly before ${wait}: ${whom} (version ${plan.version}).`, plan.link);
      const woken = await looks.within(timerUntil(due.armAt), wait);
      if (woken === 'look' || due.people === 0) continue;
    }

    const whom = `${due.label}, ${peopleText(due.people)}`;
    showDetails(`Is settling ${whom} (version ${plan.version}).`, plan.link);
    fruitless = (await settleWave(input, due, looks)) > 0 ? 0 : fruitless + 1;
    // Once may be chance: they left the audience between plan and page. More often it would spin.
    if (fruitless > 1) {
      const pause = Math.min(FIRST_PAUSE * 2 ** (fruitless - 2), LONGEST_PAUSE);
      const story = `Could settle nobody of ${due.label}, ${fruitless} times in a row: plans again.`;
      showDetails(story, plan.link);
      await looks.within(pause, `nobody could be settled: plan again in ${pause / SECOND} s`);
    }
  }
}

type ActivePlan = Exclude<OccurrencePlan, { kind: 'hold' }>;

/** Without a timer: a resume writes its row and its look, and the outbox repeats the look until it has come. */
async function waitForCommand({ version, link }: OccurrencePlan, looks: Looks): Promise<void> {
  showState('paused', null);
  showDetails(`Is paused (version ${version}): waits for a command.`, link);
  await looks.next();
  showState('running', null);
}

/** Whom to settle next, and when to start: pages hold until the instant themselves (design.md "Arm early"). */
function nextDue(plan: ActivePlan): (Due & { armAt: Instant; people: number }) | undefined {
  const where = plan.link === undefined ? {} : { link: plan.link };
  if (plan.kind === 'cancel') {
    const { people } = plan;
    return people === 0 ? undefined : { at: null, armAt: 0, people, label: 'cancelled', ...where };
  }
  const [first] = plan.waves;
  if (!first) return undefined;
  const { at, armAt = at, people } = first;
  return { at, armAt, people, label: labelOf(first), ...where };
}

/** `Asia/Kathmandu and 2 more zones`. */
function labelOf(wave: Wave): string {
  const others = wave.zones - 1;
  if (others < 1) return wave.zone;
  return `${wave.zone} and ${others} more ${others === 1 ? 'zone' : 'zones'}`;
}

/** Null when there is somebody left after all. */
async function close(input: OccurrenceInput, plan: ActivePlan): Promise<Tally | null> {
  const summary = `close occurrence ${input.nominal}`;
  const tally = await planningSteps.closeOccurrence.executeWithOptions({ summary, ...routeOf(input) }, [
    input,
  ]);
  if (tally === null) return null;
  showState(plan.kind === 'cancel' ? 'cancelled' : 'completed', null);
  showDetails(`Closed: ${outcomesText(tally)}.`, plan.link);
  try {
    const id = scheduleWorkflowId(input.scheduleId);
    await getExternalWorkflowHandle(id).signal(OCCURRENCE_CLOSED_SIGNAL, input.nominal);
  } catch (error) {
    // The schedule's workflow may be gone: the row is closed all the same, and whoever reads it knows.
    if (isCancellation(error)) throw error;
  }
  return tally;
}
