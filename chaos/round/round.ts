import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND } from '../../domain/time/instant';
import type { Evidence } from '../evidence/evidence';
import { gatherEvidence } from '../evidence/gather';
import { wordsOf } from '../plan/fault';
import type { Moment, Plan } from '../plan/plan';
import { ChaosStopped } from '../stopped';
import { inflict } from '../world/inflict';
import { withWorld, type World } from '../world/world';
import { makeAmends } from './amends';
import { launchCampaigns } from './campaigns';
import { seedCrowd } from './crowd';
import { untilRest } from './rest';

export interface RoundTerms extends Pick<World, 'note' | 'interrupted'> {
  readonly plan: Plan;
  /** Told again and again how many people have a mail. */
  readonly progress: (reached: number) => void;
  /** Sees the folder of logs before it is deleted. */
  readonly parting: (logs: string) => void;
}

/** How long nobody may get a mail before the next moment comes all the same. */
const PATIENCE_MS = 90 * SECOND;
const LOOK_EVERY_MS = 20;

/** Runs two campaigns to the same people while everything goes wrong that the plan says, and tells what came of it. */
export function runRound(terms: RoundTerms): Promise<Evidence> {
  const { plan } = terms;
  return withWorld(
    plan,
    terms,
    async (world) => {
      await seedCrowd(world, plan.people);
      const at = await launchCampaigns(world, plan.people);
      world.note(
        `Two campaigns to ${plan.people} people are due in ${Math.round((at - Date.now()) / SECOND)} s.`,
      );
      await followPlan(world, terms);
      const unrest = await comeToRest(world);
      return gatherEvidence(world, plan.people, unrest);
    },
    terms.parting,
  );
}

/** Whatever goes wrong, no fault is left under way: one of them may be about to start a server. */
async function followPlan(world: World, { plan, progress }: RoundTerms): Promise<void> {
  const underWay: Promise<void>[] = [];
  const failures: string[] = [];
  try {
    for (const { share, faults } of plan.moments) {
      await untilReached(world, share * plan.people, progress);
      for (const each of faults) underWay.push(befall(world, each, failures));
    }
  } finally {
    await Promise.all(underWay);
  }
  world.mail.weather.drop = null;
  if (failures.length > 0) throw new ChaosStopped(failures.join('\n'));
  world.note('The last fault is over.');
}

async function befall(
  world: World,
  { afterMs, fault }: Moment['faults'][number],
  failures: string[],
): Promise<void> {
  await sleep(afterMs);
  const words = wordsOf(fault);
  world.note(words);
  try {
    await inflict(world, fault);
  } catch (error) {
    failures.push(`${words}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Waits until so many people have a mail; when nothing moves for long, the end of the round will tell why. */
async function untilReached(
  { mail, interrupted, note }: World,
  people: number,
  progress: (reached: number) => void,
): Promise<void> {
  let last = { reached: -1, at: Date.now() };
  for (;;) {
    interrupted.throwIfAborted();
    const reached = mail.reached();
    progress(reached);
    if (reached >= people) return;
    if (reached !== last.reached) last = { reached, at: Date.now() };
    if (Date.now() - last.at > PATIENCE_MS) {
      note('Nobody got a mail for long: the plan goes on.');
      return;
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Null when everything came to rest, and otherwise what it failed with. */
async function comeToRest(world: World): Promise<string | null> {
  try {
    await untilRest(world);
    const { replayed, resent } = await makeAmends(world);
    world.note(`At rest; ${replayed} who had failed and ${resent} who were unknown were sent to once more.`);
    return null;
  } catch (error) {
    if (world.interrupted.aborted || !(error instanceof ChaosStopped)) throw error;
    world.note(error.message);
    return error.message;
  }
}
