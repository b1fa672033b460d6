import { spanOfOnce } from '../../domain/once/span';
import type { ScheduleConfig } from '../../domain/schedule/config';
import { onceTimeOf } from '../../domain/schedule/once-time';
import {
  archiveSchedule,
  cancelSchedule,
  pauseSchedule,
  resumeSchedule,
} from '../../store/schedule-commands';
import type { Transition } from '../../store/schedule-commands';
import type { ScheduleRecord } from '../../store/schedules';
import type { RouteDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { etagOf } from '../http/etag';
import { answer, defineRoute, emptyAnswer } from '../http/route';
import type { Caller, Route } from '../http/route';
import { at, commander, etagHeader, scheduleParams, stateConflict } from './access';
import { scheduleView } from './schema';
import { viewOf } from './view';

/** Commands that move a schedule from state to state. Each is committed with its audit row when it answers. */
export function scheduleCommandRoutes({ zones, clock, config, commandWritten }: RouteDeps): Route[] {
  interface CommandText {
    readonly name: string;
    readonly summary: string;
    readonly description: string;
    readonly done: string;
    /** What a refusal says after the state that forbids it. */
    readonly refusal: string;
  }

  function command(
    { name, summary, description, done, refusal }: CommandText,
    run: (call: Caller, id: string) => Promise<Transition>,
  ): Route {
    return defineRoute({
      method: 'post',
      ...at(`/schedules/:id/${name}`),
      tag: 'Schedules',
      summary,
      description,
      access: 'notification:write',
      params: scheduleParams,
      responses: { 202: { description: done, schema: scheduleView, headers: etagHeader } },
      errors: ['schedule.unknown', 'schedule.state.conflict'],
      async handle({ params: { id }, ...call }) {
        const record = resultOf(await run(call, id), refusal);
        call.afterCommit(commandWritten);
        return answer(202, await viewOf(call, record, config.temporalUiUrl), {
          ETag: etagOf(record.version),
        });
      },
    });
  }

  return [
    command(
      {
        name: 'pause',
        summary: 'Pause a schedule',
        description:
          'Nothing leaves until it is resumed, but for what a worker had in hand; expiry is not held up.',
        done: 'Paused.',
        refusal: 'only one that is scheduled or running can be paused',
      },
      (call, id) => pauseSchedule(call.db, commander(call, clock()), id),
    ),
    command(
      {
        name: 'resume',
        summary: 'Resume a paused schedule',
        description: 'What has come due meanwhile is judged by `late` and `expiresAfter`.',
        done: 'Resumed.',
        refusal: 'only a paused one can be resumed',
      },
      (call, id) => {
        const firstAt = ({ timing }: ScheduleConfig): Date =>
          new Date(spanOfOnce(zones, onceTimeOf(timing, call.principal.tenantZone)).earliest);
        return resumeSchedule(call.db, commander(call, clock()), id, firstAt);
      },
    ),
    command(
      {
        name: 'cancel',
        summary: 'Cancel a schedule for good',
        description: 'Whoever is not yet sent to in a started occurrence is recorded `cancelled`.',
        done: 'Cancelled.',
        refusal: 'there is nothing left to cancel',
      },
      (call, id) => cancelSchedule(call.db, commander(call, clock()), id),
    ),
    defineRoute({
      method: 'delete',
      ...at('/schedules/:id'),
      tag: 'Schedules',
      summary: 'Cancel and archive a schedule',
      description: 'It stays readable with `archivedAt`. Doing it again changes nothing.',
      access: 'notification:write',
      params: scheduleParams,
      responses: { 204: { description: 'Cancelled, if it was not over, and archived.' } },
      errors: ['schedule.unknown'],
      async handle({ params: { id }, ...call }) {
        if (!(await archiveSchedule(call.db, commander(call, clock()), id)))
          throw new ApiError('schedule.unknown');
        call.afterCommit(commandWritten);
        return emptyAnswer(204);
      },
    }),
  ];
}

function resultOf(transition: Transition, refusal: string): ScheduleRecord {
  switch (transition.kind) {
    case 'done':
      return transition.record;
    case 'conflict':
      throw stateConflict(transition.status, refusal);
    case 'unknown':
      throw new ApiError('schedule.unknown');
  }
}
