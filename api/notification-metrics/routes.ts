import { z } from 'zod';
import { lineOfText } from '../../domain/validation/fields';
import { listFigures, readFigures } from '../../store/outcome-figures';
import type { FiguresFilter, Grouping, SpanEdge } from '../../store/outcome-figures';
import { invalidRequest } from '../errors/problem';
import { isId } from '../http/id';
import { listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute } from '../http/route';
import type { Caller, Route } from '../http/route';
import { at, existing, scheduleParams } from '../schedules/access';
import { figuresOf, metricsView, spanQuery, viewOfGroup } from './schema';

const RESPONSES = { 200: { description: 'People by outcome.', schema: metricsView } } as const;
const COUNTED =
  'People are counted when their outcome is recorded, under the occurrence that they belong to.';

/** What became of people, summed: for all of a tenant, and for one schedule. */
export function notificationMetricsRoutes(): Route[] {
  const tag = 'Metrics';
  return [
    defineRoute({
      method: 'get',
      ...at('/notifications/metrics'),
      tag,
      summary: 'Count people by outcome',
      description: COUNTED,
      access: 'notification:read',
      query: z.strictObject({
        ...listQuery,
        ...spanQuery,
        scheduleId: lineOfText(1, 200).optional().meta({ description: 'Of this schedule alone.' }),
        groupBy: z.enum(['channel', 'day', 'schedule']).optional(),
      }),
      responses: RESPONSES,
      errors: ['schedule.unknown'],
      async handle({ query, ...call }) {
        if (query.scheduleId !== undefined) await existing(call, query.scheduleId);
        return answer(200, await summed(call, query, query.scheduleId ?? null));
      },
    }),
    defineRoute({
      method: 'get',
      ...at('/schedules/:id/metrics'),
      tag,
      summary: 'Count the people of a schedule by outcome',
      description: COUNTED,
      access: 'notification:read',
      params: scheduleParams,
      query: z.strictObject({
        ...listQuery,
        ...spanQuery,
        groupBy: z.enum(['channel', 'day', 'occurrence']).optional(),
      }),
      responses: RESPONSES,
      errors: ['schedule.unknown'],
      async handle({ params: { id }, query, ...call }) {
        await existing(call, id);
        return answer(200, await summed(call, query, id));
      },
    }),
  ];
}

interface Asked {
  readonly from?: SpanEdge | undefined;
  readonly to?: SpanEdge | undefined;
  readonly groupBy?: Grouping | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

async function summed(
  { db, principal: { tenantId } }: Caller,
  { from, to, groupBy, ...list }: Asked,
  scheduleId: string | null,
): Promise<z.input<typeof metricsView>> {
  const filter: FiguresFilter = { scheduleId, from: from ?? null, to: to ?? null };
  refuseBackwards(filter);
  const slice = sliceOf(list, (key) => groupBy !== undefined && IS_KEY[groupBy](key));
  if (groupBy === undefined) {
    return { ...figuresOf(await readFigures(db, tenantId, filter)), groups: [], nextCursor: null };
  }
  const [all, stretch] = await Promise.all([
    readFigures(db, tenantId, filter),
    listFigures(db, tenantId, filter, groupBy, slice),
  ]);
  const { items, nextCursor } = pageOf(stretch, (one) => viewOfGroup(groupBy, one));
  return { ...figuresOf(all), groups: items, nextCursor };
}

/** What the cursor of a list of groups may hold. */
const IS_KEY: Readonly<Record<Grouping, (key: string) => boolean>> = {
  channel: (key) => /^\d$/.test(key),
  day: (key) => /^\d{4}-\d{2}-\d{2}$/.test(key),
  schedule: isId('sch'),
  occurrence: (key) => /^[\dT:.Z+-]{10,40}$/.test(key),
};

/** Nothing lies between a later and an earlier edge: a mistake, and not a quiet 0. */
function refuseBackwards({ from, to }: FiguresFilter): void {
  const backwards =
    (from?.kind === 'date' && to?.kind === 'date' && from.date > to.date) ||
    (from?.kind === 'instant' && to?.kind === 'instant' && from.at >= to.at);
  if (!backwards) return;
  const message = 'query.to: must come after from';
  throw invalidRequest([{ pointer: '/query/to', code: 'field.conflict', message }]);
}
