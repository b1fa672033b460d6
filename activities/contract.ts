import type { Priority } from '../domain/delivery/priority';
import type { Instant } from '../domain/time/instant';

/**
 * What workflows may ask of activities: signatures only, free of Node types, so that workflow code compiles
 * against them without leading to a database driver. Everything here lands in workflow histories: ids, cursors,
 * instants and counts; never a name, an address or a list of people. Row ids are decimal strings (bigint).
 */

export interface ScheduleRef {
  tenantId: number;
  scheduleId: string;
}

export interface OccurrenceRef extends ScheduleRef {
  /** Row id of `occurrence`. */
  occurrenceId: string;
}

/** Where Sundial shows what a workflow works for. Answers from before links, or without a public address, have none. */
interface Linked {
  link?: string;
}

/** How pressing it is. Answers from before priorities do not say. */
interface Prioritized {
  priority?: Priority;
}

/** An occurrence whose row is open: it wants a workflow, however its schedule stands. */
export interface OpenOccurrenceRef extends Prioritized {
  occurrenceId: string;
  nominal: string;
}

/**
 * What Postgres wants of a schedule, read afresh at every look (level-triggered). Histories from before orders knew
 * of an `open` occurrence have none: their schedules began none but by opening it.
 */
export type ScheduleOrder = Linked & ScheduleWish;

type ScheduleWish =
  /** Nothing is left to do but for an open occurrence: the schedule is cancelled, archived, completed, or unknown. */
  | { kind: 'end'; status: string; open?: OpenOccurrenceRef }
  /** Drafts and paused schedules wait for the next command. */
  | { kind: 'hold'; version: number; status: string; open?: OpenOccurrenceRef }
  /**
   * The next occurrence: `opensAt` is the earliest instant that any zone can have, `wakeAt` when to open it, so that
   * its first pages can be armed. Histories from before arming have no `wakeAt`: they opened at `opensAt`.
   */
  | (Prioritized & {
      kind: 'fire';
      version: number;
      nominal: string;
      opensAt: Instant;
      wakeAt?: Instant;
      open?: OpenOccurrenceRef;
    });

/**
 * An instant of an occurrence at which people are due, with those who have no ledger row yet. A wave of nobody is an
 * instant at which to plan again: who comes to live in its zones before it still belongs.
 */
export interface Wave {
  at: Instant;
  /** When to start its pages, which then hold until `at`. Plans from before arming have none: they start at `at`. */
  armAt?: Instant;
  people: number;
  /** How many zones share the instant; `zone` names the one with the most people, for summaries. */
  zones: number;
  zone: string;
}

export type OccurrencePlan = Linked & Prioritized & PlannedWork;

type PlannedWork =
  | { kind: 'deliver'; version: number; waves: Wave[] }
  /** The schedule is paused: nothing is done, not even closing, until the next command. */
  | { kind: 'hold'; version: number }
  /** The schedule was cancelled: everybody without a row is recorded `cancelled` at once. */
  | { kind: 'cancel'; version: number; people: number };

/** A key range of people: those with `after` < rid <= `upTo`. */
export interface PageRange {
  after: string;
  upTo: string;
  people: number;
}

/** Counts by ledger state, e.g. `{ sent: 998, expired: 2 }`. */
export type Tally = Partial<Record<string, number>>;

export interface ScheduleActivities {
  /** Reads what is wanted and records that the workflow has taken up that version. */
  readSchedule(ref: ScheduleRef): Promise<ScheduleOrder>;
  /**
   * Makes the occurrence's row (or finds it: the row decides, not the workflow id) and its ledger partition. Null
   * when a command has overtaken the order: nothing was opened, and the schedule has to be read again.
   */
  openOccurrence(input: ScheduleRef & { version: number; nominal: string }): Promise<OccurrenceRef | null>;
  /** Marks a schedule whose last occurrence is over as completed (a cancelled one stays cancelled). */
  completeSchedule(ref: ScheduleRef): Promise<{ status: string }>;
}

export interface OccurrenceActivities {
  /** Groups the people without a ledger row by their instant, earliest first. */
  planOccurrence(ref: OccurrenceRef): Promise<OccurrencePlan>;
  /** Cuts those due at `at` or earlier (`null`: everybody, for a cancelled occurrence) into pages. */
  cutPages(input: OccurrenceRef & { at: Instant | null }): Promise<PageRange[]>;
  /**
   * Takes one page from audience to recorded outcome. Never fails for one person; safe to run again. `label` is what
   * an operator reads in its heartbeats.
   */
  deliverPage(
    input: OccurrenceRef & { at: Instant | null; range: PageRange; label?: string },
  ): Promise<Tally>;
  /**
   * Closes the occurrence and returns the sum of its outcomes. Null when that would leave somebody behind, because a
   * person's decision has sent them back: it has to be planned again. Answers of before were never null.
   */
  closeOccurrence(ref: OccurrenceRef): Promise<Tally | null>;
}

export type Activities = ScheduleActivities & OccurrenceActivities;

/** One turn at a duty of a steward: a bounded piece of work, safe to repeat. */
export interface DutyTurn {
  /** Where the turn before this one ended; null begins. */
  cursor: string | null;
}

export interface DutyReport {
  /** What was done, for people who read it: `{ revived: 2 }`. */
  did: Partial<Record<string, number>>;
  cursor: string | null;
  /** Whether the next turn has work already. */
  next: 'at-once' | 'in-its-time';
}

/** Rules and intervals: docs/steward.md. Each fails when Postgres or Temporal is away; the next turn is the retry. */
export interface StewardActivities {
  /** Delivers commands that no API process has delivered, and forgets those delivered long ago. */
  deliverCommands(turn: DutyTurn): Promise<DutyReport>;
  /** Wakes schedules that are due with nothing alive behind them; ends those that fail again and again. */
  reviveSchedules(turn: DutyTurn): Promise<DutyReport>;
  /** Makes the partitions of the days and months to come, and drops days that are older than is kept. */
  makePartitions(turn: DutyTurn): Promise<DutyReport>;
  /** Compares counters with the ledger, and mends them by it. */
  checkCounters(turn: DutyTurn): Promise<DutyReport>;
  /** Gives every live schedule its workflow again, once, after Temporal has lost its memory. */
  rebuildWorkflows(turn: DutyTurn): Promise<DutyReport>;
}

export interface JobRef {
  tenantId: number;
  jobId: string;
}

/** How far a long job is, in the things it works through. */
export interface JobState {
  kind: 'running' | 'over';
  status: string;
  done: number;
  total: number;
  failed: number;
}

export interface JobActivities {
  /** Carries a job on for a while, whatever its kind, from where its row says that it is. Safe to run again. */
  advanceJob(ref: JobRef): Promise<JobState>;
}
