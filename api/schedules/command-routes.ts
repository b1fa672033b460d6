import { spanOfOnce } from '../../domain/once/span';
import type { ScheduleConfig } from '../../domain/schedule/config';
import { onceTimeOf } from '../../domain/schedule/once-time';
import {
  archiveSchedule,
  cancelSchedule,
  pauseSchedule,
  publishSchedule,
  resumeSchedule,
} from '../../store/schedule-commands';
import type { Transition } from '../../store/schedule-commands';
import type { ScheduleRecord } from '../../store/schedules';
import type { RouteDeps } from '../deps';
import { ApiError, invalidRequest } from '../errors/problem';
import { etagOf } from '../http/etag';
import { answer, defineRoute, emptyAnswer } from '../http/route';
import type { Caller, Route } from '../http/route';
import { at, commander, etagHeader, existing, scheduleParams, stateConflict } from './access';
import { createReadSchedule } from './read';
import { scheduleView } from './schema';
import { viewOf } from './view';

/** Commands that move a schedule from state to state. Each is committed with its audit row when it answers. */
export function scheduleCommandRoutes({ zones, clock, config, commandWritten }: RouteDeps): Route[] {
  const read = createReadSchedule(zones, clock);

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
      errors: ['schedule.unknown', 'schedule.state.conflict', 'auth.role-missing'],
      async handle({ params: { id }, ...call }) {
        const record = resultOf(await run(call, id), refusal);
        call.afterCommit(commandWritten);
        return answer(202, await viewOf(call, record, config.temporalUiUrl), {
          ETag: etagOf(record.version),
        });
      },
    });
  }

  /** What the draft says is judged now, with everything that a draft may leave open. */
  async function publish(call: Caller, id: string): Promise<Transition> {
    const draft = await existing(call, id);
    if (draft.status !== 'draft') return { kind: 'conflict', status: draft.status };
    const document = { ...(await viewOf(call, draft, undefined)), draft: false };
    const checked = await read(document, call, { kind: 'create' });
    if (checked.kind === 'refused') throw invalidRequest(checked.errors);
    const { config: published, firstAt } = checked.value;
    const wanted = { expected: draft.version, config: published, firstAt: new Date(firstAt) };
    const outcome = await publishSchedule(call.db, commander(call, clock()), id, wanted);
    // Somebody changed the draft meanwhile: what they made of it is published.
    return outcome.kind === 'stale' ? publish(call, id) : outcome;
  }

  return [
    command(
      {
        name: 'publish',
        summary: 'Make a schedule of a draft',
        description:
          'Checks all of it, as creating it now would; a delay counts from now. It is a version of its own.',
        done: 'Published.',
        refusal: 'only a draft can be published',
      },
      publish,
    ),
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
