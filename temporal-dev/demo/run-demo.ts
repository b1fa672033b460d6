import { formatInstant, type Instant, SECOND } from '../../domain/time/instant';
import type { Zones } from '../../domain/time/zones';
import { type ApiClient, createApiClient } from './api-client';
import { clockTable } from './clock-table';
import { type Figures, figuresOf, isWhole, outcomesOf } from './figures';
import { countInInbox } from './inbox-count';
import { demoSchedule, provideTemplate } from './message';
import type { Paint } from './paint';
import { demoPeople, PEOPLE } from './people';
import { grouped } from './progress-line';
import { putPeople } from './put-people';
import { assertReady } from './readiness';
import { reportLines, row } from './report';
import type { RunningStack } from './running-stack';
import {
  cancelSchedule,
  createSchedule,
  type Delivery,
  type DemoSchedule,
  readDeliveries,
  readStanding,
} from './schedule-client';
import type { Screen } from './screen';
import { settledOf, watchToEnd } from './watch';

/** Long enough for pages to be armed before their instant, short enough to wait for. */
const AHEAD_MS = 10 * SECOND;
const PATIENCE_MS = 120 * SECOND;

export interface DemoDeps {
  readonly stack: RunningStack;
  readonly zones: Zones;
  readonly screen: Screen;
  readonly paint: Paint;
  readonly now: () => Instant;
  readonly interrupted: AbortSignal;
  /** Tells the mails of this run from those of all others. */
  readonly run: string;
}

export interface DemoResult {
  readonly figures: Figures;
  readonly whole: boolean;
}

/** The whole demonstration: people, template, schedule, the wait, and what came of it. */
export async function runDemo(deps: DemoDeps): Promise<DemoResult> {
  const { stack, zones, screen, paint, interrupted } = deps;
  const api = createApiClient(stack.api, stack.adminKey);
  await assertReady(stack.api, zones.version);
  const people = demoPeople(zones.names());
  const inZones = new Set(people.map(({ profile }) => profile.timeZone)).size;
  screen.say(
    '',
    paint.strong(
      `  ${grouped(PEOPLE)} people in ${grouped(inZones)} time zones, one instant for all of them`,
    ),
    paint.faint(`  zone data ${zones.version}, API ${stack.api}`),
    '',
  );
  await putPeople(api, people, interrupted, (done) =>
    screen.progress({ label: 'People', done, total: PEOPLE, note: '' }),
  );
  const templateId = await provideTemplate(api);
  interrupted.throwIfAborted();
  const at = Math.ceil((deps.now() + AHEAD_MS) / SECOND) * SECOND;
  const schedule = await createSchedule(api, demoSchedule(templateId, deps.run, at));
  await seeItThrough(deps, api, schedule, at);
  return await report(deps, api, schedule, at);
}

/** Leaves no schedule behind when it is interrupted or fails. */
async function seeItThrough(
  deps: DemoDeps,
  api: ApiClient,
  schedule: DemoSchedule,
  due: Instant,
): Promise<void> {
  const { screen, now, interrupted } = deps;
  try {
    await watchToEnd({
      look: () => readStanding(api, schedule.id),
      due,
      now,
      interrupted,
      patienceMs: PATIENCE_MS,
      async onLook(standing) {
        const note = await noteOf(deps, due);
        screen.progress({ label: 'Settled', done: settledOf(standing), total: PEOPLE, note });
      },
    });
  } catch (error) {
    screen.say(await cancelledText(api, schedule.id));
    throw error;
  }
}

/** Before the instant how long it still takes, afterwards what has arrived. An inbox that is away spoils nothing yet. */
async function noteOf({ stack: { inbox }, now, run }: DemoDeps, due: Instant): Promise<string> {
  const seconds = Math.ceil((due - now()) / SECOND);
  if (seconds > 0) return `due in ${seconds} s`;
  const arrived = inbox === null ? null : await countInInbox(inbox, run).catch(() => null);
  return arrived === null ? '' : `${grouped(arrived)} in the inbox`;
}

async function cancelledText(api: ApiClient, id: string): Promise<string> {
  try {
    const cancelled = (await cancelSchedule(api, id)) === 'cancelled';
    return cancelled ? `  Schedule ${id} is cancelled.` : `  Schedule ${id} was over already.`;
  } catch (error) {
    return `  Schedule ${id} could not be cancelled: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function report(
  { stack, zones, screen, paint, run }: DemoDeps,
  api: ApiClient,
  schedule: DemoSchedule,
  at: Instant,
): Promise<DemoResult> {
  const deliveries: Delivery[] = [];
  for await (const delivery of readDeliveries(api, schedule.id)) deliveries.push(delivery);
  const figures = figuresOf(deliveries, stack.inbox === null ? null : await countInInbox(stack.inbox, run));
  const whole = isWhole(figures, PEOPLE);
  screen.say(
    '',
    `  At ${paint.strong(formatInstant(at))} the clocks on their walls showed`,
    '',
    ...clockTable(zones, at, deliveries).map((line) => `  ${line}`),
    '',
    ...reportLines(figures, outcomesOf(deliveries), whole, paint),
    '',
    ...(stack.inbox === null ? [] : [row('Mails', `${stack.inbox}  (search for ${run})`)]),
    ...(schedule.links.temporalUi === undefined ? [] : [row('Workflow', schedule.links.temporalUi)]),
  );
  return { figures, whole };
}
