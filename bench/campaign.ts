import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { formatInstant, type Instant, SECOND } from '../domain/time/instant';
import { createSchedule } from '../temporal-dev/demo/schedule-client';
import { listOccurrences, type OccurrenceSummary } from '../store/occurrence-list';
import type { Database } from '../store/database';
import type { ChannelName } from '../domain/delivery/channel';
import type { Variant } from '../domain/content/content';
import type { BenchRun } from './bench';
import { BenchStopped } from './bench';
import { readLateness, type LedgerLateness } from './ledger-lateness';
import { TENANT_ID } from './people';
import { cpuUsOfTree } from './stack/process-tree';
import type { Servers } from './stack/servers';
import type { Sundial } from './stack/sundial';

/** What a schedule for everybody in the database came to. */
export interface Campaign extends LedgerLateness {
  readonly scheduleId: string;
  readonly considered: number;
  readonly sent: number;
  /** From the instant until the last outcome was seen in the ledger's counters. */
  readonly perSecond: number;
  /** Processor time of the worker for one message, arming included. */
  readonly workerCpuUs: number;
  /** Of the bench's own servers for one message, by name; empty where nobody can tell. */
  readonly serversCpuUs: Readonly<Record<string, number>>;
  readonly workerRssMb: { readonly before: number; readonly after: number };
}

/** Time for the occurrence to open, plan and arm before its instant, however many people there are. */
const AHEAD_MS = 12 * SECOND;
const AHEAD_MS_A_PERSON = 0.02;
/** Before the instant: from here on a profile shows what pages do, arming included. */
const PROFILE_AHEAD_MS = 3 * SECOND;
const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 120 * SECOND;

/** Asks the API for a schedule at one instant for everybody, and watches the ledger until everybody has an outcome. */
export async function runCampaign(
  run: BenchRun,
  sundial: Sundial,
  { db, supervisor }: Pick<Servers, 'db' | 'supervisor'>,
  { channel, content }: { channel: ChannelName; content: Variant },
): Promise<Campaign> {
  const { size, screen, profiling, interrupted } = run;
  const ahead = AHEAD_MS + size * AHEAD_MS_A_PERSON;
  const at = Math.ceil((Date.now() + ahead) / SECOND) * SECOND;
  const { id } = await createSchedule(sundial.api, {
    name: 'Bench',
    channel,
    content,
    category: 'transactional',
    scheduleType: 'once',
    timeZoneMode: 'fixed',
    runAt: formatInstant(at),
  });
  screen.say(`Schedule ${id} is due in ${Math.round((at - Date.now()) / SECOND)} s.`);
  await sleep(at - PROFILE_AHEAD_MS - Date.now(), undefined, { signal: interrupted });
  const before = await sundial.workerUsage();
  const serversBefore = serversCpu(supervisor);
  const endProfile = await profiling.begin(sundial.workerPid());
  const { recordedAt, occurrence } = await watchLedger(run, db, id, at);
  const after = await sundial.workerUsage();
  const serversAfter = serversCpu(supervisor);
  await endProfile();
  await untilCompleted(sundial, id, interrupted);
  const { sent = 0 } = occurrence.counts;
  const considered = peopleOf(occurrence);
  if (sent !== size || considered !== size) {
    throw new BenchStopped(
      `${size} people should have been sent to: the ledger says ${JSON.stringify(occurrence.counts)}.`,
    );
  }
  return {
    scheduleId: id,
    considered,
    sent,
    perSecond: Math.round(sent / ((recordedAt - at) / SECOND)),
    workerCpuUs: Math.round((after.cpuUs - before.cpuUs) / size),
    serversCpuUs: Object.fromEntries(
      Object.entries(serversAfter).map(([name, us]) => [
        name,
        Math.round((us - (serversBefore[name] ?? 0)) / size),
      ]),
    ),
    workerRssMb: { before: before.memoryMb, after: after.memoryMb },
    ...(await readLateness(db, occurrence.id)),
  };
}

/** Processor time so far, of those that are there and can be looked at. */
function serversCpu(supervisor: Pick<Servers['supervisor'], 'pids'>): Record<string, number> {
  const pids = supervisor.pids();
  return Object.fromEntries(
    ['Postgres', 'Temporal', 'Redis', 'Sink'].flatMap((part) => {
      const us = cpuUsOfTree(pids[part]);
      return us === undefined ? [] : [[part.toLowerCase(), us]];
    }),
  );
}

async function watchLedger(
  { size, screen, interrupted }: BenchRun,
  db: Database,
  scheduleId: string,
  at: Instant,
): Promise<{ recordedAt: Instant; occurrence: OccurrenceSummary }> {
  let last = { people: 0, at };
  for (;;) {
    interrupted.throwIfAborted();
    const { items } = await listOccurrences({ pool: db.pool }, TENANT_ID, scheduleId, {
      limit: 1,
      after: null,
    });
    const now = Date.now();
    const [occurrence] = items;
    const people = occurrence === undefined ? 0 : peopleOf(occurrence);
    screen.progress({ label: 'Recorded', done: people, total: size, note: '' });
    if (occurrence !== undefined && people >= size) return { recordedAt: now, occurrence };
    if (people !== last.people) last = { people, at: now };
    if (now - Math.max(last.at, at) > PATIENCE_MS) {
      throw new BenchStopped(
        `Nothing has moved for ${PATIENCE_MS / SECOND} s: ${people} of ${size} are recorded.`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function peopleOf({ counts }: OccurrenceSummary): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const standing = z.object({ status: z.string() });

/** Its workflows close after the last page: their histories are whole only then. */
async function untilCompleted({ api }: Sundial, id: string, interrupted: AbortSignal): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { status } = await api.ask({ method: 'GET', route: `/v1/schedules/${id}`, answer: standing });
    if (status === 'completed') return;
    if (Date.now() > deadline) throw new BenchStopped(`Schedule ${id} stays ${status}.`);
    await sleep(100, undefined, { signal: interrupted });
  }
}
