import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { DELIVERY_STATES } from '../../domain/delivery/state';
import { recipientId } from '../../domain/recipient/body';
import { lineOfText } from '../../domain/validation/fields';
import { isMessagePlace, listMessages } from '../../store/messages/list';
import type { RouteDeps } from '../deps';
import { listOf, listQuery, pageOf, sliceOf } from '../http/list';
import { answer, defineRoute } from '../http/route';
import type { Route } from '../http/route';
import { messageView } from './schema';
import { viewOfMessage } from './view';

export function listMessagesRoute({ keyRing }: RouteDeps): Route {
  return defineRoute({
    method: 'get',
    path: '/v1/messages',
    tag: 'Messages',
    summary: 'List messages',
    access: 'notification:read',
    query: z.strictObject({
      ...listQuery,
      recipient: recipientId.optional(),
      channel: z.enum(CHANNEL_NAMES).optional(),
      category: lineOfText(1, 50).optional(),
      status: z.enum(DELIVERY_STATES).optional(),
    }),
    responses: {
      200: {
        description:
          'Those that wait, the soonest due first; then those that are over, of the latest day first.',
        schema: listOf(messageView, 'Messages.'),
      },
    },
    errors: ['encryption.key-missing'],
    async handle({ query, principal, db }) {
      const stretch = await listMessages(db, principal.tenantId, query, sliceOf(query, isMessagePlace));
      return answer(
        200,
        pageOf(stretch, (record) => viewOfMessage(keyRing, record)),
      );
    },
  });
}
