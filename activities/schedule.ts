import { DEFAULT_PRIORITY } from '../domain/delivery/priority';
import { spanOfOnce } from '../domain/once/span';
import { nominalOf, onceTimeOf } from '../domain/schedule/once-time';
import {
  completeSchedule as complete,
  findOpenOccurrence,
  openOccurrence as open,
  stateOfOccurrence,
  takeUpOrder,
} from '../store/occurrences';
import { ensureDeliveryPartition } from '../store/partitions';
import { openingLead } from './arming';
import type { OccurrenceRef, ScheduleOrder, ScheduleRef } from './contract';
import type { ActivityDeps } from './deps';
import { linkToSchedule } from './links';

type ReadDeps = Pick<ActivityDeps, 'db' | 'zones' | 'publicUrl'>;

/** What Postgres wants of a schedule now; notes that its workflow has taken that version up. */
export async function readSchedule(deps: ReadDeps, ref: ScheduleRef): Promise<ScheduleOrder> {
  return { ...(await orderOf(deps, ref)), ...linkToSchedule(deps, ref.scheduleId) };
}

async function orderOf(
  { db, zones }: ReadDeps,
  { tenantId, scheduleId }: ScheduleRef,
): Promise<ScheduleOrder> {
  const order = await takeUpOrder(db, tenantId, scheduleId);
  if (!order) return { kind: 'end', status: 'unknown' };
  const { status, version, config, tenantZone } = order;
  const found = await findOpenOccurrence(db, tenantId, scheduleId);
  const priority = config.priority ?? DEFAULT_PRIORITY;
  const begun = found === null ? {} : { open: { ...found, priority } };
  if (order.archived) return { kind: 'end', status, ...begun };
  switch (status) {
    case 'draft':
    case 'paused':
      return { kind: 'hold', version, status, ...begun };
    case 'scheduled':
    case 'running': {
      const nominal = nominalOf(config.timing);
      const state = await stateOfOccurrence(db, tenantId, scheduleId, nominal);
      if (state !== null && state !== 'open') {
        // A workflow that was rebuilt after its only occurrence had closed: nothing is left but to say so.
        const completed = (await complete(db, tenantId, scheduleId)) ?? status;
        // Unless the occurrence was opened again meanwhile.
        if (completed === 'running') return orderOf({ db, zones }, { tenantId, scheduleId });
        return { kind: 'end', status: completed };
      }
      const { earliest } = spanOfOnce(zones, onceTimeOf(config.timing, tenantZone));
      const wakeAt = earliest - openingLead(scheduleId);
      return { kind: 'fire', version, priority, nominal, opensAt: earliest, wakeAt, ...begun };
    }
    default:
      return { kind: 'end', status, ...begun };
  }
}

/** Makes the occurrence's row and the ledger's partitions of its day, or finds them. Null when the order is overtaken. */
export async function openOccurrence(
  { db, clock }: Pick<ActivityDeps, 'db' | 'clock'>,
  { tenantId, scheduleId, version, nominal }: ScheduleRef & { version: number; nominal: string },
): Promise<OccurrenceRef | null> {
  // The nominal date, never that of a send: design.md "Tables".
  const day = nominal.slice(0, 'YYYY-MM-DD'.length);
  // Ahead of the opening, which looks again: others who make a partition need not wait for that to end.
  await ensureDeliveryPartition(db, day);
  const occurrenceId = await open(db, { tenantId, scheduleId, version, nominal, day }, clock());
  return occurrenceId === null ? null : { tenantId, scheduleId, occurrenceId };
}

/** Completes a schedule that has nothing left to do, unless it ended otherwise. */
export async function completeSchedule(
  { db }: Pick<ActivityDeps, 'db'>,
  { tenantId, scheduleId }: ScheduleRef,
): Promise<{ status: string }> {
  return { status: (await complete(db, tenantId, scheduleId)) ?? 'unknown' };
}
