import { uuidOfMessageId } from '../../domain/messages/message-id';
import { formatWallTime } from '../../domain/time/wall-time';
import { check } from '../../domain/validation/check';
import { cancelMessage } from '../../store/messages/cancel';
import { changeMessage } from '../../store/messages/change';
import type { ChangedMessage } from '../../store/messages/change';
import { openWords, sealWords } from '../../store/messages/sealing';
import type { DeliveryState } from '../../domain/delivery/state';
import type { RouteDeps } from '../deps';
import { ApiError, invalidRequest } from '../errors/problem';
import { answer, defineRoute, emptyAnswer, JSON_TYPE, MERGE_PATCH_TYPE } from '../http/route';
import type { Route } from '../http/route';
import { existing, messageParams as params } from './access';
import { cancelRoute } from './cancel-route';
import type { JudgeAll } from './judgement';
import { messagePatch, patchedMessage } from './patch';
import { messageView } from './schema';
import { viewOfMessage } from './view';

/** Changes and cancels messages that nobody is sending yet. */
export function messageChangeRoutes(deps: RouteDeps, judgeAll: JudgeAll): Route[] {
  const { keyRing, clock, messagesWritten } = deps;
  const tag = 'Messages';
  const path = '/v1/messages/:id';
  return [
    defineRoute({
      method: 'patch',
      path,
      aboutRecipient: 'in-answer',
      tag,
      summary: 'Change a message that waits',
      description:
        'A merge patch (RFC 7396) of its time, what it says, `priority` and `expiresAt`: null removes, absent leaves as ' +
        'it is. Two changes follow each other; once the message is being sent, or is over, there is nothing to change.',
      access: 'notification:write',
      params,
      body: {
        schema: messagePatch,
        example: { sendAt: null, sendLocal: { day: 'tomorrow', time: '10:30' }, priority: 2 },
        mediaTypes: [JSON_TYPE, MERGE_PATCH_TYPE],
        read: (document) => check(messagePatch, document),
      },
      responses: { 200: { description: 'The message.', schema: messageView } },
      errors: ['message.unknown', 'message.state.conflict', 'auth.role-missing', 'encryption.key-missing'],
      async handle({ params: { id }, body: patch, db, principal, afterCommit }) {
        const uuid = uuidOfMessageId(id);
        if (uuid === null) throw new ApiError('message.unknown');
        const now = clock();
        const outcome = await changeMessage(
          db,
          principal.tenantId,
          uuid,
          async (joined, current): Promise<ChangedMessage> => {
            const words = openWords(keyRing, current, uuid, current.sealed);
            const patched = patchedMessage(current, words, patch, principal);
            if (patched.kind === 'refused') throw invalidRequest(patched.errors);
            const { wanted } = patched.value;
            const [judged] = await judgeAll(joined, [{ principal, ...patched.value }], now);
            if (judged?.kind !== 'ok') throw invalidRequest(judged?.errors ?? []);
            const { person, due, zone, expiresAt } = judged.value;
            const { rid, wrapped } = person;
            if (wrapped === null) throw new Error('Somebody who was not erased has no key.');
            return {
              due: due.at,
              wallTime: due.wall === null ? null : formatWallTime(due.wall),
              zone,
              expiresAt,
              priority: wanted.priority,
              templateId: wanted.templateId,
              sealed: sealWords(keyRing, { rid, wrapped }, uuid, wanted),
            };
          },
        );
        switch (outcome.kind) {
          case 'unknown':
            throw new ApiError('message.unknown');
          case 'late':
            throw tooLate(outcome.record.status);
          case 'changed':
            afterCommit(() => messagesWritten([outcome.record]));
            return answer(200, viewOfMessage(keyRing, outcome.record));
        }
      },
    }),
    defineRoute({
      method: 'delete',
      path,
      tag,
      summary: 'Cancel a message that waits',
      description: 'It is recorded `cancelled`. One that is cancelled already stays so.',
      access: 'notification:write',
      params,
      responses: { 204: { description: 'Cancelled.' } },
      errors: ['message.unknown', 'message.state.conflict'],
      async handle({ params: { id }, ...call }) {
        const uuid = uuidOfMessageId(id);
        const { db, principal } = call;
        if (uuid !== null && (await cancelMessage(db, principal.tenantId, uuid, new Date(clock())))) {
          return emptyAnswer(204);
        }
        const { status } = await existing(call, id);
        if (status === 'cancelled') return emptyAnswer(204);
        throw tooLate(status);
      },
    }),
    cancelRoute(deps),
  ];
}

function tooLate(status: DeliveryState): ApiError {
  return new ApiError(
    'message.state.conflict',
    status === 'claimed' ? 'The message is being sent at this moment.' : `The message is over: ${status}.`,
  );
}
