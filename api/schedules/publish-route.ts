import { publishSchedule } from '../../store/schedule-commands';
import type { ScheduleRecord } from '../../store/schedules';
import type { RouteDeps } from '../deps';
import { ApiError, invalidRequest } from '../errors/problem';
import { etagOf } from '../http/etag';
import { answer, defineRoute } from '../http/route';
import type { Caller, Route } from '../http/route';
import { at, commander, etagHeader, existing, scheduleParams, stateConflict } from './access';
import { createReadSchedule } from './read';
import { writtenScheduleView } from './schema';
import { viewOf, writtenViewOf } from './view';
import { warningsOf } from './warnings';
import type { Warning } from './warnings';

const REFUSAL = 'only a draft can be published';

/** Makes a schedule of a draft: the one moment at which all of its audience is held against what it says. */
export function publishRoute({ zones, clock, config, commandWritten }: RouteDeps): Route {
  const read = createReadSchedule(zones, clock, config);

  /** What the draft says is judged now, with everything that a draft may leave open. */
  async function publish(call: Caller, id: string): Promise<{ record: ScheduleRecord; warnings: Warning[] }> {
    const draft = await existing(call, id);
    if (draft.status !== 'draft') throw stateConflict(draft.status, REFUSAL);
    const document = { ...(await viewOf(call, draft, undefined)), draft: false };
    const checked = await read(document, call, { kind: 'create' });
    if (checked.kind === 'refused') throw invalidRequest(checked.errors);
    const { config: published, firstAt } = checked.value;
    const warnings = await warningsOf(call, published, 'everybody');
    const wanted = { expected: draft.version, config: published, firstAt: new Date(firstAt) };
    const outcome = await publishSchedule(call.db, commander(call, clock()), id, wanted);
    switch (outcome.kind) {
      case 'done':
        return { record: outcome.record, warnings };
      case 'stale':
        // Somebody changed the draft meanwhile: what they made of it is published.
        return publish(call, id);
      case 'conflict':
        throw stateConflict(outcome.status, REFUSAL);
      case 'unknown':
        throw new ApiError('schedule.unknown');
    }
  }

  return defineRoute({
    method: 'post',
    ...at('/schedules/:id/publish'),
    tag: 'Schedules',
    summary: 'Make a schedule of a draft',
    description:
      'Checks all of it, as creating it now would; a delay counts from now. It is a version of its own. `warnings` tells ' +
      'how many of the whole audience lack what the content reads.',
    access: 'notification:write',
    params: scheduleParams,
    responses: { 202: { description: 'Published.', schema: writtenScheduleView, headers: etagHeader } },
    errors: ['schedule.unknown', 'schedule.state.conflict', 'auth.role-missing'],
    async handle({ params: { id }, ...call }) {
      const { record, warnings } = await publish(call, id);
      call.afterCommit(commandWritten);
      const view = await writtenViewOf(call, record, config.temporalUiUrl, warnings);
      return answer(202, view, { ETag: etagOf(record.version) });
    },
  });
}
