import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { DELIVERY_STATES } from '../../domain/delivery/state';
import { newId } from '../../platform/new-id';
import { listDeliveries } from '../../store/deliveries';
import { isLedgerPlace } from '../../store/ledger-place';
import { listOccurrences } from '../../store/occurrence-list';
import type { OccurrenceSummary } from '../../store/occurrence-list';
import { listAudit } from '../../store/audit';
import { createSchedule, listSchedules, SCHEDULE_STATUSES } from '../../store/schedules';
import type { ScheduleRecord } from '../../store/schedules';
import type { RouteDeps } from '../deps';
import { etagOf } from '../http/etag';
import { lineOfText } from '../../domain/validation/fields';
import { isId } from '../http/id';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute, JSON_TYPE } from '../http/route';
import type { Caller, Route } from '../http/route';
import { recipientId } from '../../domain/recipient/body';
import { at, etagHeader, existing, refuseDropped, scheduleParams as params } from './access';
import { auditView, viewOfAudit } from './audit-view';
import { scheduleChangeRoutes } from './change-routes';
import { scheduleCommandRoutes } from './command-routes';
import { decisionRoutes } from './decision-routes';
import { scheduleExample } from './example';
import { deliveryView, occurrenceView, viewOfDelivery, viewOfOccurrence } from './ledger-view';
import { preview, previewBodySchema, previewView } from './preview';
import { publishRoute } from './publish-route';
import { createReadSchedule } from './read';
import { SCHEDULE_TYPES, scheduleBodySchema, scheduleView, writtenScheduleView } from './schema';
import { viewOf, viewsOf, writtenViewOf } from './view';
import type { ScheduleView } from './view';
import { warningsOf } from './warnings';

export function scheduleRoutes(deps: RouteDeps): Route[] {
  const { zones, clock, config, commandWritten } = deps;
  const tag = 'Schedules';
  const located = { ...etagHeader, Location: 'Path of the schedule.' };
  const view = (call: Caller, record: ScheduleRecord): Promise<ScheduleView> =>
    viewOf(call, record, config.temporalUiUrl);
  const read = createReadSchedule(zones, clock, config);

  return [
    defineRoute({
      method: 'post',
      ...at('/schedules'),
      tag,
      summary: 'Create a schedule',
      description:
        'It is committed when this answers; `appliedVersion` follows when its workflow has taken it up. `warnings` ' +
        'looks at the audience among the first 10,000 people of the tenant, and says so where there are more; the ' +
        'publishing of a draft and previews look at all of it.',
      access: 'notification:write',
      body: {
        schema: scheduleBodySchema(zones),
        example: scheduleExample,
        mediaTypes: [JSON_TYPE],
        read: (document, caller) => read(document, caller, { kind: 'create' }),
      },
      responses: { 201: { description: 'Created.', schema: writtenScheduleView, headers: located } },
      errors: ['auth.role-missing'],
      async handle({ body, afterCommit, ...call }) {
        const {
          db,
          principal: { tenantId, actorId },
        } = call;
        const warnings = body.config.draft ? [] : await warningsOf(call, body.config, 'first');
        const createdAt = new Date(clock());
        const record = await createSchedule(
          db,
          tenantId,
          {
            id: newId('sch', createdAt.getTime()),
            config: body.config,
            nextRunAt: new Date(body.firstAt),
            createdBy: actorId,
            correlationId: call.correlationId,
          },
          createdAt,
        );
        if (!body.config.draft) afterCommit(commandWritten);
        const headers = { Location: `/v1/schedules/${record.id}`, ETag: etagOf(record.version) };
        const written = await writtenViewOf(call, record, config.temporalUiUrl, warnings);
        return answer(201, written, headers);
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
      async handle({ query, ...call }) {
        const { db, principal } = call;
        const stretch = await listSchedules(db, principal.tenantId, query, sliceOf(query, isId('sch')));
        const items = await viewsOf(call, stretch.items, config.temporalUiUrl);
        return answer(
          200,
          pageOf({ ...stretch, items }, (item) => item),
        );
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
        read: (document, caller) => preview(zones, document, caller, clock()),
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
      async handle({ params: { id }, ...call }) {
        const record = await existing(call, id);
        return answer(200, await view(call, record), { ETag: etagOf(record.version) });
      },
    }),
    defineRoute({
      method: 'get',
      ...at('/schedules/:id/deliveries'),
      tag,
      summary: 'List what became of every person',
      description:
        'Of the occurrences whose deliveries are kept: GET /occurrences says of which they were dropped.',
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
      errors: ['schedule.unknown', 'deliveries.dropped'],
      async handle({ params: { id }, query, ...call }) {
        await existing(call, id);
        const slice = sliceOf(query, isLedgerPlace);
        const stretch = await listDeliveries(call.db, call.principal.tenantId, id, query, slice);
        if (stretch.items.length === 0) await refuseDropped(call, { ...query, scheduleId: id });
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
      async handle({ params: { id }, query, ...call }) {
        await existing(call, id);
        const stretch = await listOccurrences(call.db, call.principal.tenantId, id, sliceOf(query, isRowId));
        const shown = (one: OccurrenceSummary) => viewOfOccurrence(id, one, config.temporalUiUrl);
        return answer(200, pageOf(stretch, shown));
      },
    }),
    defineRoute({
      method: 'get',
      ...at('/schedules/:id/audit'),
      tag,
      summary: 'List who commanded what',
      access: 'notification:read',
      params,
      query: z.strictObject(listQuery),
      responses: { 200: { description: 'Newest first.', schema: listOf(auditView, 'Commands.') } },
      errors: ['schedule.unknown'],
      async handle({ params: { id }, query, ...call }) {
        await existing(call, id);
        const stretch = await listAudit(call.db, call.principal.tenantId, id, sliceOf(query, isRowId));
        return answer(200, pageOf(stretch, viewOfAudit));
      },
    }),
    ...scheduleChangeRoutes(deps),
    publishRoute(deps),
    ...scheduleCommandRoutes(deps),
    ...decisionRoutes(deps),
  ];
}

const isRowId = (key: string): boolean => /^\d{1,18}$/.test(key);
