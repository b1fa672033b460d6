import { z } from 'zod';
import { changeSchedule } from '../../store/schedule-commands';
import type { Change } from '../../store/schedule-commands';
import type { ScheduleRecord } from '../../store/schedules';
import type { RouteDeps } from '../deps';
import { ApiError, invalidRequest } from '../errors/problem';
import { acceptedVersions, etagOf, staleVersion } from '../http/etag';
import type { AcceptsVersion } from '../http/etag';
import { mergePatch } from '../http/merge-patch';
import { answer, defineRoute, JSON_TYPE, jsonBody, MERGE_PATCH_TYPE } from '../http/route';
import type { Call, Caller, Route } from '../http/route';
import { check } from '../../domain/validation/check';
import { at, commander, etagHeader, existing, scheduleParams, stateConflict } from './access';
import { createReadSchedule } from './read';
import { scheduleExample } from './example';
import { scheduleBodySchema, writtenScheduleView } from './schema';
import { viewOf, writtenViewOf } from './view';
import { warningsOf } from './warnings';

const query = z.strictObject({
  apply: z.enum(['future', 'running']).default('future').meta({
    description:
      '`future`: occurrences that have not begun. `running`: also people of open occurrences to whom nothing was sent.',
  }),
});

type Query = z.output<typeof query>;

/** The document that a request makes of the schedule as it is. */
type Wanted = (current: ScheduleRecord) => unknown;

const document = z.record(z.string(), z.unknown());

/** Where null is a value, "no cap", and not the way to the default. */
const NULLABLE = ['maxPerUserPerDay', 'maxPerUserPerWeek'];

const NOTHING_LEFT = 'nothing of it is left to change';

/** Writes further versions of a schedule's configuration. */
export function scheduleChangeRoutes({ zones, clock, config, commandWritten }: RouteDeps): Route[] {
  const read = createReadSchedule(zones, clock, config);
  const text = {
    tag: 'Schedules',
    access: 'notification:write',
    params: scheduleParams,
    query,
    ifMatch: true,
    errors: ['schedule.unknown', 'schedule.state.conflict', 'auth.role-missing'],
  } as const;
  const found = { description: 'The schedule.', schema: writtenScheduleView, headers: etagHeader };

  /** What is wanted is judged knowing what is: a schedule that says the same as before is never refused. */
  async function change(call: Call<{ id: string }, Query, unknown>, wanted: Wanted) {
    const current = await existing(call, call.params.id);
    const accepts = acceptedVersions(call.ifMatch);
    const outcome = await attempt(call, current, accepts, wanted);
    const record = resultOf(outcome);
    if (outcome.kind === 'done') call.afterCommit(commandWritten);
    const warnings = record.status === 'draft' ? [] : await warningsOf(call, record.config, 'first');
    const view = await writtenViewOf(call, record, config.temporalUiUrl, warnings);
    return answer(200, view, { ETag: etagOf(record.version) });
  }

  async function attempt(
    call: Call<{ id: string }, Query, unknown>,
    current: ScheduleRecord,
    accepts: AcceptsVersion,
    wanted: Wanted,
  ): Promise<Change> {
    if (!accepts(current.version)) return { kind: 'stale', version: current.version };
    const { status } = current;
    if (status === 'completed' || status === 'cancelled' || status === 'failed') {
      throw stateConflict(status, NOTHING_LEFT);
    }
    const checked = await read(await wanted(current), call, { kind: 'change', current: current.config });
    if (checked.kind === 'refused') throw invalidRequest(checked.errors);
    const next = {
      expected: current.version,
      config: checked.value.config,
      firstAt: new Date(checked.value.firstAt),
    };
    const { id } = current;
    const outcome = await changeSchedule(call.db, commander(call, clock()), id, next, call.query.apply);
    if (outcome.kind !== 'stale' || !accepts(outcome.version)) return outcome;
    // Somebody else's change came first, and `If-Match` is content with it: this one is made upon that.
    return attempt(call, await existing(call, id), accepts, wanted);
  }

  return [
    defineRoute({
      ...text,
      method: 'put',
      ...at('/schedules/:id'),
      summary: 'Replace the configuration of a schedule',
      description:
        'Absent means default, but for `draft`, which only publishing changes. Without a difference there is no new ' +
        'version. The time of a schedule whose occurrence has begun cannot change; the same `delay` keeps its instant.',
      body: {
        ...jsonBody(document, scheduleExample),
        schema: scheduleBodySchema(zones),
      },
      responses: { 200: found },
      handle: (call) => change(call, () => call.body),
    }),
    defineRoute({
      ...text,
      method: 'patch',
      ...at('/schedules/:id'),
      summary: 'Change some of the configuration of a schedule',
      description:
        'A merge patch (RFC 7396): null removes, absent leaves as it is, lists replace. Else as PUT.',
      body: {
        schema: document.meta({ id: 'SchedulePatch', description: 'A merge patch.' }),
        example: { runAt: '2027-03-21T09:00:00' },
        mediaTypes: [JSON_TYPE, MERGE_PATCH_TYPE],
        read: (patch) => check(document, patch),
      },
      responses: { 200: found },
      handle: (call) => change(call, (current) => patched(call, current, call.body)),
    }),
  ];
}

async function patched(
  call: Caller,
  current: ScheduleRecord,
  patch: Record<string, unknown>,
): Promise<unknown> {
  const nulls = NULLABLE.filter((field) => patch[field] === null).map((field) => [field, null]);
  return Object.assign(
    mergePatch(await viewOf(call, current, undefined), patch) ?? {},
    Object.fromEntries(nulls),
  );
}

function resultOf(change: Change): ScheduleRecord {
  switch (change.kind) {
    case 'done':
    case 'unchanged':
      return change.record;
    case 'stale':
      throw staleVersion(change.version);
    case 'begun':
      throw new ApiError(
        'schedule.state.conflict',
        'The occurrence of the schedule has begun: its time cannot change any more.',
      );
    case 'conflict':
      throw stateConflict(change.status, NOTHING_LEFT);
    case 'unknown':
      throw new ApiError('schedule.unknown');
  }
}
