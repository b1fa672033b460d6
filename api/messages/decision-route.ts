import { z } from 'zod';
import { DECISIONS } from '../../domain/delivery/doubt';
import { uuidOfMessageId } from '../../domain/messages/message-id';
import { decideMessage } from '../../store/messages/decide';
import type { RouteDeps } from '../deps';
import { ApiError } from '../errors/problem';
import { answer, defineRoute, jsonBody } from '../http/route';
import type { Route } from '../http/route';
import { commander } from '../schedules/access';
import { existing, messageParams } from './access';

const decisionBody = z
  .strictObject({
    decision: z.enum(DECISIONS).meta({
      description:
        '`resend` sends once more under the same Message-ID; `sent` and `failed` record what you found out.',
    }),
  })
  .meta({ id: 'MessageDecision' });

const decisionView = z
  .strictObject({
    decision: z.enum(DECISIONS),
    people: z.int().meta({ description: '1, or 0 when nothing was to be decided any more.' }),
  })
  .meta({ id: 'MessageDecided', examples: [{ decision: 'resend', people: 1 }] });

/** What a person makes of a message of which nobody knows whether it was accepted. */
export function messageDecisionRoute({ clock, messagesWritten }: RouteDeps): Route {
  return defineRoute({
    method: 'post',
    path: '/v1/messages/:id/decide',
    tag: 'Messages',
    summary: 'Decide on a message whose outcome is `unknown`',
    description: 'Doing it twice changes nothing more. What is sent once more has a day to leave.',
    access: 'notification:write',
    params: messageParams,
    body: jsonBody(decisionBody, { decision: 'resend' }),
    responses: { 202: { description: 'Decided.', schema: decisionView } },
    errors: ['message.unknown'],
    async handle({ params: { id }, body: { decision }, ...call }) {
      const uuid = uuidOfMessageId(id);
      if (uuid === null) throw new ApiError('message.unknown');
      const decided = await decideMessage(call.db, commander(call, clock()), uuid, decision);
      switch (decided.kind) {
        case 'nothing':
          await existing(call, id);
          return answer(202, { decision, people: 0 });
        case 'recorded':
          return answer(202, { decision, people: 1 });
        case 'resent':
          call.afterCommit(() => messagesWritten([decided.message]));
          return answer(202, { decision, people: 1 });
      }
    },
  });
}
