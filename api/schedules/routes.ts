import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { DELIVERY_STATES } from '../../domain/delivery/state';
import { isDeliveryKey, listDeliveries } from '../../store/deliveries';
import { listOccurrences } from '../../store/occurrence-list';
import {
  archiveSchedule,
  cancelSchedule,
  createSchedule,
  findSchedule,
  listSchedules,
  SCHEDULE_STATUSES,
} from '../../store/schedules';
import type { ScheduleRecord } from '../../store/schedules';
import type { Principal } from '../auth/principal';
import type { ApiDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { etagOf } from '../http/etag';
import { lineOfText } from '../http/fields';
import { idParameter, isId, newId } from '../http/id';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute, emptyAnswer, JSON_TYPE } from '../http/route';
import type { Route } from '../http/route';
import { recipientId } from '../recipients/schema';
import { deliveryView, occurrenceView, viewOfDelivery, viewOfOccurrence } from './ledger-view';
import { preview, previewBodySchema, previewView } from './preview';
import { createReadSchedule } from './read';
import { SCHEDULE_TYPES, scheduleBodySchema, scheduleExample, scheduleView } from './schema';
import { viewOf } from './view';
import type { ScheduleView } from './view';

/** contract.md: `/schedules` answers like `/v1/schedules`. */
const at = (path: string): { path: string; aliases: string[] } => ({ path: `/v1${path}`, aliases: [path] });

export function scheduleRoutes(deps: ApiDeps): Route[] {
  const { db, zones, clock, config, commandWritten } = deps;
  const params = idParameter('schedule');
  const tag = 'Schedules';
  const etagHeader = { ETag: 'Version of the configuration.' };
  const located = { ...etagHeader, Location: 'Path of the schedule.' };
  const view = (record: ScheduleRecord): ScheduleView => viewOf(record, config.temporalUiUrl);
  const now = (): Date => new Date(clock());

  async function existing(principal: Principal, id: string): Promise<ScheduleRecord> {
    const schedule = await findSchedule(db, principal.tenantId, id);
    if (!schedule) throw new ApiError('schedule.unknown');
    return schedule;
  }

  return [
    defineRoute({
      method: 'post',
      ...at('/schedules'),
      tag,
      summary: 'Create a schedule',
      description:
        'It is committed when this answers; `appliedVersion` follows when its workflow has taken it up.',
      access: 'notification:write',
      body: {
        schema: scheduleBodySchema(zones),
        example: scheduleExample,
        mediaTypes: [JSON_TYPE],
        read: createReadSchedule(db, zones, clock),
      },
      responses: { 201: { description: 'Created.', schema: scheduleView, headers: located } },
      errors: ['auth.role-missing'],
      async handle({ body, principal: { tenantId, actorId } }) {
        const createdAt = now();
        const record = await createSchedule(
          db,
          tenantId,
          {
            id: newId('sch', createdAt.getTime()),
            config: body.config,
            nextRunAt: new Date(body.nextRunAt),
            createdBy: actorId,
          },
          createdAt,
        );
        commandWritten();
        const headers = { Location: `/v1/schedules/${record.id}`, ETag: etagOf(record.version) };
        return answer(201, view(record), headers);
      },
    }),
    defineRoute({
      method: 'get',
      ...at('/schedules'),
      tag,
      summary: 'List schedules',
      access: 'notification:read',
      query: z.strictObject({
        ...listQuery,
        status: z.enum(SCHEDULE_STATUSES).optional(),
        scheduleType: z.enum(SCHEDULE_TYPES).optional(),
        channel: z.enum(CHANNEL_NAMES).optional(),
        tag: lineOfText(1, 50).optional(),
        q: lineOfText(1, 200).optional().meta({ description: 'Part of the name, in any case.' }),
      }),
      responses: {
        200: {
          description: 'Newest first, without archived ones.',
          schema: listOf(scheduleView, 'Schedules.'),
        },
      },
      async handle({ query, principal }) {
        const stretch = await listSchedules(db, principal.tenantId, query, sliceOf(query, isId('sch')));
        return answer(200, pageOf(stretch, view));
      },
    }),
    defineRoute({
      method: 'post',
      ...at('/schedules/preview'),
      tag,
      summary: 'Show what a schedule would do, without side effects',
      description:
        'Fields that bear on neither time nor audience may be left out. ' +
        'Shows the zones of the audience, unless zones or recipients are given.',
      access: 'notification:read',
      body: {
        schema: previewBodySchema(zones),
        example: { schedule: scheduleExample, zones: ['Europe/Berlin', 'Asia/Tokyo'] },
        mediaTypes: [JSON_TYPE],
        read: (document, principal) => preview(db, zones, document, principal, clock()),
      },
      responses: { 200: { description: 'What would happen.', schema: previewView } },
      async handle({ body }) {
        return answer(200, body);
      },
    }),
    defineRoute({
      method: 'get',
      ...at('/schedules/:id'),
      tag,
      summary: 'Read a schedule',
      access: 'notification:read',
      params,
      responses: { 200: { description: 'The schedule.', schema: scheduleView, headers: etagHeader } },
      errors: ['schedule.unknown'],
      async handle({ params: { id }, principal }) {
        const record = await existing(principal, id);
        return answer(200, view(record), { ETag: etagOf(record.version) });
      },
    }),
    defineRoute({
      method: 'delete',
      ...at('/schedules/:id'),
      tag,
      summary: 'Cancel and archive a schedule',
      description: 'It stays readable with `archivedAt`. Doing it again changes nothing.',
      access: 'notification:write',
      params,
      responses: { 204: { description: 'Cancelled, if it was not over, and archived.' } },
      errors: ['schedule.unknown'],
      async handle({ params: { id }, principal }) {
        if (!(await archiveSchedule(db, principal.tenantId, id, now())))
          throw new ApiError('schedule.unknown');
        commandWritten();
        return emptyAnswer(204);
      },
    }),
    defineRoute({
      method: 'post',
      ...at('/schedules/:id/cancel'),
      tag,
      summary: 'Cancel a schedule for good',
      description: 'Whoever is not yet sent to in a started occurrence is recorded `cancelled`.',
      access: 'notification:write',
      params,
      responses: { 202: { description: 'Cancelled.', schema: scheduleView, headers: etagHeader } },
      errors: ['schedule.unknown', 'schedule.state.conflict'],
      async handle({ params: { id }, principal }) {
        const cancellation = await cancelSchedule(db, principal.tenantId, id, now());
        switch (cancellation.kind) {
          case 'cancelled': {
            commandWritten();
            const { record } = cancellation;
            return answer(202, view(record), { ETag: etagOf(record.version) });
          }
          case 'over':
            throw new ApiError(
              'schedule.state.conflict',
              `The schedule is ${cancellation.status}: there is nothing left to cancel.`,
            );
          case 'unknown':
            throw new ApiError('schedule.unknown');
        }
      },
    }),
    defineRoute({
      method: 'get',
      ...at('/schedules/:id/deliveries'),
      tag,
      summary: 'List what became of every person',
      access: 'notification:read',
      params,
      query: z.strictObject({
        ...listQuery,
        recipient: recipientId.optional(),
        outcome: z.enum(DELIVERY_STATES).optional(),
        occurrence: lineOfText(1, 40)
          .optional()
          .meta({ description: 'Nominal time or id of an occurrence.' }),
      }),
      responses: {
        200: { description: 'By occurrence, step and person.', schema: listOf(deliveryView, 'Deliveries.') },
      },
      errors: ['schedule.unknown'],
      async handle({ params: { id }, query, principal }) {
        await existing(principal, id);
        const stretch = await listDeliveries(
          db,
          principal.tenantId,
          id,
          query,
          sliceOf(query, isDeliveryKey),
        );
        return answer(200, pageOf(stretch, viewOfDelivery));
      },
    }),
    defineRoute({
      method: 'get',
      ...at('/schedules/:id/occurrences'),
      tag,
      summary: 'List the firings of a schedule that have begun',
      access: 'notification:read',
      params,
      query: z.strictObject(listQuery),
      responses: { 200: { description: 'Newest first.', schema: listOf(occurrenceView, 'Occurrences.') } },
      errors: ['schedule.unknown'],
      async handle({ params: { id }, query, principal }) {
        await existing(principal, id);
        const slice = sliceOf(query, (key) => /^\d{1,18}$/.test(key));
        return answer(
          200,
          pageOf(await listOccurrences(db, principal.tenantId, id, slice), viewOfOccurrence),
        );
      },
    }),
  ];
}
