import { z } from 'zod';
import { messageIdOf } from '../../domain/messages/message-id';
import { check } from '../../domain/validation/check';
import type { FieldError } from '../../domain/field-error';
import type { MessageRecord } from '../../store/messages/find';
import type { ChannelConfig } from '../content/channel';
import type { RouteDeps } from '../deps';
import { REQUEST_ERRORS } from '../errors/codes';
import { ApiError, apiErrorOf, invalidRequest, problemOf } from '../errors/problem';
import { answer, defineRoute, JSON_TYPE } from '../http/route';
import type { Caller, Route } from '../http/route';
import { problemSchema } from '../openapi/problem-schema';
import type { Accept, Acceptance } from './acceptance';
import { readNewMessage } from './read';
import type { WantedMessage } from './read';
import { describedBatchBody, messageAnswer, messageBatchBody, messageExample, MOST_MESSAGES } from './schema';

const itemView = z.strictObject({
  index: z.int().meta({ description: 'Its place in the list, or among the lines.' }),
  status: z.int().meta({
    description:
      'As if it had been sent alone: 202 accepted, 200 when its `dedupeKey` was known, otherwise of `problem`.',
  }),
  id: z.string().optional(),
  problem: problemSchema.optional(),
});

type Item = z.input<typeof itemView>;

const batchView = z.strictObject({ items: z.array(itemView) }).meta({
  id: 'MessageBatchAnswer',
  examples: [{ items: [{ index: 0, status: 202, id: messageAnswer.id }] }],
});

/** A message that can be read, or why it cannot. */
type Read =
  | { readonly kind: 'ok'; readonly wanted: WantedMessage }
  | { readonly kind: 'refused'; readonly error: ApiError };

/** Many messages at once: each is judged by itself, and those that may be are accepted together. */
export function batchRoute({ config, messagesWritten }: RouteDeps, accept: Accept): Route {
  return defineRoute({
    method: 'post',
    path: '/v1/messages/batch',
    tag: 'Messages',
    summary: `Send up to ${MOST_MESSAGES.toLocaleString('en')} messages`,
    description:
      'Each is judged by itself; those that are right are accepted when some are not, all of them in one transaction. ' +
      'JSON takes 1 MB; as lines (`application/x-ndjson`, a message a line) 16 MB go through, which may be compressed ' +
      'with gzip.',
    access: 'notification:write',
    body: {
      schema: describedBatchBody,
      example: { messages: [messageExample, { ...messageExample, sendLocal: null, delay: 'PT30M' }] },
      mediaTypes: [JSON_TYPE],
      lines: {
        description: 'A message a line, as for POST /v1/messages.',
        example: `${JSON.stringify(messageExample)}\n`,
        document: (lines) => ({ messages: lines }),
      },
      read: (document) => check(messageBatchBody, document),
    },
    responses: { 202: { description: 'What became of each, in their order.', schema: batchView } },
    errors: ['encryption.key-missing'],
    async handle({ body: { messages }, ...call }) {
      const read = messages.map((document): Read => readOne(document, call, config));
      const { principal } = call;
      const submissions = read.flatMap((one) =>
        one.kind === 'ok' ? [{ principal, wanted: one.wanted, kept: null }] : [],
      );
      const accepted = (await accept(call.db, submissions)).values();
      const records: MessageRecord[] = [];
      const items: Item[] = [];
      for (const [index, one] of read.entries()) {
        const acceptance = one.kind === 'ok' ? accepted.next().value : one;
        if (acceptance?.kind === 'accepted') records.push(acceptance.record);
        items.push(itemOf(index, acceptance, call.correlationId));
      }
      call.afterCommit(() => messagesWritten(records));
      return answer(202, { items });
    },
  });
}

function readOne(document: unknown, { principal }: Caller, channels: ChannelConfig): Read {
  try {
    const checked = readNewMessage(document, principal, channels);
    return checked.kind === 'ok'
      ? { kind: 'ok', wanted: checked.value }
      : { kind: 'refused', error: invalidRequest(checked.errors) };
  } catch (error) {
    return { kind: 'refused', error: apiErrorOf(error) };
  }
}

function itemOf(
  index: number,
  acceptance: Acceptance | Extract<Read, { kind: 'refused' }> | undefined,
  correlationId: string,
): Item {
  switch (acceptance?.kind) {
    case 'accepted':
      return { index, status: 202, id: messageIdOf(acceptance.record.uuid) };
    case 'known':
      return { index, status: 200, id: messageIdOf(acceptance.uuid) };
    case 'refused': {
      const error = 'error' in acceptance ? acceptance.error : invalidRequest(acceptance.errors);
      return {
        index,
        status: REQUEST_ERRORS[error.code].status,
        problem: problemAt(index, error, correlationId),
      };
    }
    case undefined:
      throw new Error('Nothing became of a message.');
  }
}

/** Its pointers lead into the whole body. */
function problemAt(index: number, error: ApiError, correlationId: string): Item['problem'] {
  const problem = problemOf(error, correlationId);
  const errors = problem.errors.map((field): FieldError => ({
    ...field,
    pointer: `/messages/${index}${field.pointer}`,
  }));
  return { ...problem, errors };
}
