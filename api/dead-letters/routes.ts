import { z } from 'zod';
import { lineOfText } from '../../domain/validation/fields';
import { listDeadLetters, replayDeadLetters, scheduleOfOccurrence } from '../../store/dead-letters';
import { isLedgerPlace } from '../../store/ledger-place';
import type { RouteDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute, jsonBody } from '../http/route';
import type { Route } from '../http/route';
import { commander, peopleOf, refuseDropped } from '../schedules/access';
import { deadLetterView, filter, keyOf, replayBody, replayView, viewOf } from './schema';

/** Messages that failed after all attempts that were worth making, and sending them once more. */
export function deadLetterRoutes({ clock, commandWritten }: RouteDeps): Route[] {
  const tag = 'Dead letters';
  return [
    defineRoute({
      method: 'get',
      path: '/v1/dead-letters',
      tag,
      summary: 'List messages that failed',
      description: 'Of the newest occurrence first.',
      access: 'notification:read',
      query: z.strictObject({
        scheduleId: lineOfText(1, 40).optional().meta({ description: 'Of one schedule.' }),
        ...filter,
        ...listQuery,
      }),
      responses: {
        200: { description: 'A stretch of them.', schema: listOf(deadLetterView, 'Dead letters.') },
      },
      errors: ['deliveries.dropped'],
      async handle({ query, principal, db }) {
        const stretch = await listDeadLetters(db, principal.tenantId, query, sliceOf(query, isLedgerPlace));
        if (stretch.items.length === 0) await refuseDropped({ db, principal }, query);
        return answer(200, pageOf(stretch, viewOf));
      },
    }),
    defineRoute({
      method: 'post',
      path: '/v1/dead-letters/replay',
      tag,
      summary: 'Send messages that failed once more',
      description:
        'One by its `id`, or those of a schedule. Each gets all of its retries again, under the Message-ID that it had; ' +
        '`expiresAfter` still holds. Nobody who was sent to is sent to again, however often it is asked for.',
      access: 'notification:write',
      body: jsonBody(replayBody, {
        scheduleId: 'sch_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
        reason: 'provider-unavailable',
      }),
      responses: { 202: { description: 'They are on their way again.', schema: replayView } },
      errors: ['schedule.unknown', 'dead-letter.unknown', 'schedule.state.conflict', 'deliveries.dropped'],
      async handle({ body: { id, scheduleId, ...narrower }, ...call }) {
        const { db, principal } = call;
        const key = id === undefined ? null : keyOf(id);
        const schedule = key
          ? await scheduleOfOccurrence(db, principal.tenantId, key.occurrenceId)
          : (scheduleId ?? null);
        if (schedule === null) throw new ApiError('dead-letter.unknown');
        const which = key ? { occurrence: key.occurrenceId, row: key } : narrower;
        const outcome = await replayDeadLetters(db, commander(call, clock()), schedule, which);
        const people = peopleOf(outcome, 'nothing of it is sent any more');
        if (people === 0) await refuseDropped(call, { ...which, scheduleId: schedule });
        if (people > 0) call.afterCommit(commandWritten);
        return answer(202, { people });
      },
    }),
  ];
}
