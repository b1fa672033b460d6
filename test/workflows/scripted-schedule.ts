import type { Activities, OccurrencePlan, ScheduleOrder, Tally, Wave } from '../../activities/contract';
import type { Priority } from '../../domain/delivery/priority';
import type { Instant } from '../../domain/time/instant';

export interface ScriptedPerson {
  rid: number;
  zone: string;
  due: Instant;
  outcome?: { kind: string; at: Instant };
}

/** One call of a page: what was asked for and the environment's time when it began. */
export interface ScriptedPage {
  at: Instant | null;
  rids: number[];
  began: Instant;
}

/**
 * A schedule in memory that keeps the contract of the activities, for tests of what the workflows make of the
 * answers. A test changes its fields as the API would change Postgres.
 */
export interface ScriptedSchedule {
  status: string;
  version: number;
  /** None as before priorities. */
  priority?: Priority;
  nominal: string;
  opensAt: Instant;
  people: ScriptedPerson[];
  pageSize: number;
  occurrence: 'none' | 'open' | 'closed';
  /** Names of the steps that were asked for, in order. */
  asked: string[];
  pages: ScriptedPage[];
  /** Versions that were taken up, in order. */
  applied: number[];
  /** Runs just before an occurrence is opened by an order that was read. */
  onOpen(): void;
  /** Runs when a page begins: a test lets it fail, wait, or change the schedule. */
  onPage(page: ScriptedPage): Promise<void> | void;
  /** Pages that a plan promises and nobody can cut. */
  uncuttable: boolean;
  activities: Activities;
}

export function scriptedSchedule(now: () => Promise<Instant>, opensAt: Instant): ScriptedSchedule {
  const world: ScriptedSchedule = {
    status: 'scheduled',
    version: 1,
    nominal: '2026-12-01T09:00:00',
    opensAt,
    people: [],
    pageSize: 1000,
    occurrence: 'none',
    asked: [],
    pages: [],
    applied: [],
    onOpen: () => undefined,
    onPage: () => undefined,
    uncuttable: false,
    activities: {
      readSchedule: async () => {
        world.asked.push('read');
        world.applied.push(world.version);
        return orderOf(world);
      },
      openOccurrence: async ({ tenantId, scheduleId, version }) => {
        world.asked.push('open');
        world.onOpen();
        if (version !== world.version) return null;
        world.occurrence = 'open';
        if (world.status === 'scheduled') world.status = 'running';
        return { tenantId, scheduleId, occurrenceId: '1' };
      },
      completeSchedule: async () => {
        world.asked.push('complete');
        if (world.status === 'running') world.status = 'completed';
        return { status: world.status };
      },
      planOccurrence: async () => {
        world.asked.push('plan');
        return { ...planOf(world), ...prioritized(world) };
      },
      cutPages: async ({ at }) => {
        world.asked.push('cut');
        const rids = world.uncuttable ? [] : unsettled(world, at).map((person) => person.rid);
        const count = Math.ceil(rids.length / world.pageSize);
        return Array.from({ length: count }, (_, n) => {
          const page = rids.slice(n * world.pageSize, (n + 1) * world.pageSize);
          return { after: String((page[0] ?? 0) - 1), upTo: String(page.at(-1)), people: page.length };
        });
      },
      deliverPage: async ({ at, range }) => {
        world.asked.push('page');
        const inRange = (person: ScriptedPerson): boolean =>
          person.rid > Number(range.after) && person.rid <= Number(range.upTo);
        const rids = unsettled(world, at)
          .filter(inRange)
          .map((person) => person.rid);
        if (world.status === 'paused') return {};
        const page = { at, rids, began: await now() };
        world.pages.push(page);
        await world.onPage(page);
        // As a page does that was started early: nobody is settled before the instant.
        return settle(world, rids, Math.max(await now(), at ?? 0));
      },
      closeOccurrence: async () => {
        world.asked.push('close');
        world.occurrence = 'closed';
        return tallyOf(world.people);
      },
    },
  };
  return world;
}

function orderOf(world: ScriptedSchedule): ScheduleOrder {
  const { status, version, nominal, opensAt, occurrence } = world;
  const pressing = prioritized(world);
  const begun = occurrence === 'open' ? { open: { occurrenceId: '1', nominal, ...pressing } } : {};
  if (status === 'paused' || status === 'draft') return { kind: 'hold', version, status, ...begun };
  if (status === 'scheduled' || (status === 'running' && occurrence === 'open')) {
    return { kind: 'fire', version, nominal, opensAt, ...pressing, ...begun };
  }
  return { kind: 'end', status, ...begun };
}

function prioritized({ priority }: ScriptedSchedule): { priority?: Priority } {
  return priority === undefined ? {} : { priority };
}

function planOf(world: ScriptedSchedule): OccurrencePlan {
  const waiting = unsettled(world, null);
  if (world.status === 'paused') return { kind: 'hold', version: world.version };
  if (world.status === 'cancelled') return { kind: 'cancel', version: world.version, people: waiting.length };
  const instants = [...new Set(waiting.map((person) => person.due))].toSorted((a, b) => a - b);
  const waves = instants.map((at): Wave => {
    const due = waiting.filter((person) => person.due === at);
    const zones = new Set(due.map((person) => person.zone));
    return { at, people: due.length, zones: zones.size, zone: due[0]?.zone ?? '' };
  });
  return { kind: 'deliver', version: world.version, waves };
}

function unsettled(world: ScriptedSchedule, at: Instant | null): ScriptedPerson[] {
  return world.people
    .filter((person) => person.outcome === undefined && (at === null || person.due <= at))
    .toSorted((a, b) => a.rid - b.rid);
}

function settle(world: ScriptedSchedule, rids: number[], at: Instant): Tally {
  const kind = world.status === 'cancelled' ? 'cancelled' : 'sent';
  const settled = world.people.filter((person) => rids.includes(person.rid) && person.outcome === undefined);
  for (const person of settled) person.outcome = { kind, at };
  return tallyOf(settled);
}

function tallyOf(people: ScriptedPerson[]): Tally {
  const tally: Tally = {};
  for (const { outcome } of people) {
    if (outcome) tally[outcome.kind] = (tally[outcome.kind] ?? 0) + 1;
  }
  return tally;
}
