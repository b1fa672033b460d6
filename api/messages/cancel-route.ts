import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { uuidOfMessageId } from '../../domain/messages/message-id';
import { recipientId } from '../../domain/recipient/body';
import { parseInstant } from '../../domain/time/instant';
import { because } from '../../domain/validation/check';
import { lineOfText } from '../../domain/validation/fields';
import { cancelByFilter, cancelMessages } from '../../store/messages/cancel';
import type { RouteDeps } from '../deps';
import { answer, defineRoute, jsonBody } from '../http/route';
import type { Route } from '../http/route';
import { MOST_MESSAGES } from './schema';

const instantText = z
  .string()
  .max(100)
  .transform((text, context) => {
    const parsed = parseInstant(text);
    if (parsed.kind === 'ok') return new Date(parsed.value);
    context.addIssue({ code: 'custom', ...because('time.invalid', parsed.reason) });
    return z.NEVER;
  });

const filter = z
  .strictObject({
    recipient: recipientId.optional(),
    category: lineOfText(1, 50).optional(),
    channel: z.enum(CHANNEL_NAMES).optional(),
    dueBefore: instantText.optional().meta({ description: 'Exclusive.' }),
    dueAfter: instantText.optional().meta({ description: 'Inclusive.' }),
  })
  .refine(
    (given) => Object.keys(given).length > 0,
    because('field.required', 'needs a field: without any it would mean every message of the tenant'),
  );

const cancelBody = z
  .strictObject({
    ids: z.array(lineOfText(1, 200)).min(1).max(MOST_MESSAGES).optional(),
    filter: filter.optional(),
  })
  .refine(
    ({ ids, filter: narrowed }) => (ids === undefined) !== (narrowed === undefined),
    because('field.conflict', 'must have exactly one of ids and filter'),
  )
  .meta({ id: 'MessageCancelBody' });

const cancelView = z
  .strictObject({
    cancelled: z.int().meta({ description: 'How many were waiting and are cancelled now.' }),
  })
  .meta({ id: 'MessageCancelAnswer', examples: [{ cancelled: 3 }] });

/** Cancels many messages at once. */
export function cancelRoute({ clock }: RouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/v1/messages/cancel',
    tag: 'Messages',
    summary: 'Cancel many messages that wait',
    description:
      'By their ids, or all that satisfy every part of a filter. What is being sent, over or unknown is left alone. A ' +
      'filter may mean a million: it is worked through in steps, of which each is committed by itself, and what was ' +
      'cancelled stays so when a later step fails; asking again goes on. With an `Idempotency-Key` it is all or nothing.',
    access: 'notification:write',
    body: jsonBody(cancelBody, { filter: { recipient: 'ada', category: 'marketing' } }),
    responses: { 200: { description: 'Done.', schema: cancelView } },
    async handle({ body: { ids, filter: narrowed = {} }, principal: { tenantId }, db }) {
      const at = new Date(clock());
      const cancelled = ids
        ? await cancelMessages(
            db,
            tenantId,
            ids.flatMap((id) => uuidOfMessageId(id) ?? []),
            at,
          )
        : await cancelByFilter(db, tenantId, narrowed, at);
      return answer(200, { cancelled });
    },
  });
}
