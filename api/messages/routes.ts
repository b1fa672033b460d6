import { messageIdOf } from '../../domain/messages/message-id';
import { isDatabaseUnavailable } from '../../store/unavailable';
import type { Queries } from '../../store/database';
import type { RouteDeps } from '../deps';
import { gather } from '../gather';
import { invalidRequest } from '../errors/problem';
import { answer, defineRoute, JSON_TYPE } from '../http/route';
import type { Route } from '../http/route';
import { createAccept } from './acceptance';
import type { Accept, Acceptance } from './acceptance';
import { batchRoute } from './batch-route';
import { messageChangeRoutes } from './change-routes';
import { messageDecisionRoute } from './decision-route';
import { createJudgement } from './judgement';
import type { Submission } from './judgement';
import { listMessagesRoute } from './list-route';
import { existing, messageParams } from './access';
import { readNewMessage } from './read';
import { messageBody, messageExample, messageView } from './schema';
import { viewOfMessage, viewWith } from './view';

/** How many single messages share a commit at most. */
const MOST_TOGETHER = 1_000;

/** Messages to one person each, now or later (semantics.md "Delivery"). */
export function messageRoutes(deps: RouteDeps): Route[] {
  const { keyRing, messagesWritten } = deps;
  const tag = 'Messages';
  const judgeAll = createJudgement(deps.zones);
  const accept = createAccept(deps, judgeAll);
  const acceptOne = createAcceptOne(accept);

  return [
    defineRoute({
      method: 'post',
      path: '/v1/messages',
      aboutRecipient: 'in-answer',
      tag,
      summary: 'Send a message to one person, now or later',
      description:
        'It is committed when this answers. Without `sendAt`, `sendLocal` or `delay` it is sent at once. What lies past ' +
        'by at most an hour is sent at once as well; what is further past is refused.',
      access: 'notification:write',
      body: {
        schema: messageBody,
        example: messageExample,
        mediaTypes: [JSON_TYPE],
        read: (document, { principal }) => readNewMessage(document, principal, deps.config),
      },
      responses: {
        200: {
          description:
            'A message with this `dedupeKey` was accepted before: here it is, and nothing else is sent.',
          schema: messageView,
        },
        202: {
          description: 'Accepted.',
          schema: messageView,
          headers: { Location: 'Path of the message.' },
        },
      },
      errors: ['auth.role-missing', 'encryption.key-missing'],
      async handle({ body: wanted, ...call }) {
        const { db, principal } = call;
        const acceptance = await acceptOne(db, { principal, wanted, kept: null });
        switch (acceptance.kind) {
          case 'refused':
            throw invalidRequest(acceptance.errors);
          case 'known':
            return answer(200, viewOfMessage(keyRing, await existing(call, messageIdOf(acceptance.uuid))));
          case 'accepted': {
            const { record } = acceptance;
            call.afterCommit(() => messagesWritten([record]));
            const view = viewWith(record, wanted);
            return answer(202, view, { Location: `/v1/messages/${view.id}` });
          }
        }
      },
    }),
    batchRoute(deps, accept),
    listMessagesRoute(deps),
    defineRoute({
      method: 'get',
      path: '/v1/messages/:id',
      tag,
      summary: 'Read a message',
      description: 'Until the day of its outcome is dropped.',
      access: 'notification:read',
      params: messageParams,
      responses: { 200: { description: 'The message.', schema: messageView } },
      errors: ['message.unknown', 'encryption.key-missing'],
      async handle({ params: { id }, ...call }) {
        return answer(200, viewOfMessage(keyRing, await existing(call, id)));
      },
    }),
    ...messageChangeRoutes(deps, judgeAll),
    messageDecisionRoute(deps),
  ];
}

/**
 * Accepts single messages together, whoever sends them: a commit for each would be one wait for the disk for each.
 * A message within a transaction of its own, that of its Idempotency-Key, is accepted there.
 */
function createAcceptOne(accept: Accept): (db: Queries, submission: Submission) => Promise<Acceptance> {
  const handIn = gather<{ db: Queries; submission: Submission }, Acceptance>(
    (items) =>
      accept(
        items[0]?.db ?? nothing(),
        items.map(({ submission }) => submission),
      ),
    { most: MOST_TOGETHER, sharedFate: isDatabaseUnavailable },
  );
  return async (db, submission) => {
    if (!db.transaction) return handIn({ db, submission });
    const [acceptance] = await accept(db, [submission]);
    return acceptance ?? nothing();
  };
}

function nothing(): never {
  throw new Error('Nothing became of a message.');
}
