import { droppedAt } from '../../store/ledger-days';
import type { Decided } from '../../store/decisions';
import { findSchedule } from '../../store/schedules';
import type { Commander, ScheduleRecord, ScheduleStatus } from '../../store/schedules';
import { ApiError } from '../errors/problem';
import { idParameter } from '../http/id';
import type { Caller } from '../http/route';

/** contract.md: `/schedules` answers like `/v1/schedules`. */
export function at(path: string): { path: string; aliases: string[] } {
  return { path: `/v1${path}`, aliases: [path] };
}

export const scheduleParams = idParameter('schedule');

export const etagHeader = { ETag: 'Version of the configuration.' };

/** @throws ApiError 404 when the tenant has no such schedule; archived ones are found. */
export async function existing({ db, principal }: Caller, id: string): Promise<ScheduleRecord> {
  const schedule = await findSchedule(db, principal.tenantId, id);
  if (!schedule) throw new ApiError('schedule.unknown');
  return schedule;
}

export function commander({ principal, correlationId }: Caller, now: number): Commander {
  const { tenantId, actorId } = principal;
  return { tenantId, actorId, at: new Date(now), correlationId };
}

/** @param consequence what follows from the state, as in `there is nothing left to cancel`. */
export function stateConflict(status: ScheduleStatus, consequence: string): ApiError {
  return new ApiError('schedule.state.conflict', `The schedule is ${status}: ${consequence}.`);
}

/**
 * To be called when nothing was found of what may have been dropped.
 * @throws ApiError 410 when the deliveries of the occurrence that was asked for are not kept any more.
 */
export async function refuseDropped(
  { db, principal }: Pick<Caller, 'db' | 'principal'>,
  { scheduleId, occurrence }: { scheduleId?: string | undefined; occurrence?: string | undefined },
): Promise<void> {
  if (occurrence === undefined) return;
  const dropped = await droppedAt(db, principal.tenantId, { scheduleId, occurrence });
  if (dropped !== null) throw new ApiError('deliveries.dropped');
}

/**
 * How many people a decision moved.
 * @param consequence what follows for a schedule that is over.
 * @throws ApiError 404 when there is no such schedule, 409 when it is over.
 */
export function peopleOf(outcome: Decided, consequence: string): number {
  switch (outcome.kind) {
    case 'done':
      return outcome.people;
    case 'over': {
      const { status, archivedAt } = outcome.record;
      throw archivedAt === null
        ? stateConflict(status, consequence)
        : new ApiError('schedule.state.conflict', `The schedule is archived: ${consequence}.`);
    }
    case 'unknown':
      throw new ApiError('schedule.unknown');
  }
}
