import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { queueName } from '../domain/messages/queue';
import type { MessageQueue } from '../domain/messages/queue';
import { SECOND } from '../domain/time/instant';
import type { Logger } from '../platform/logger';
import {
  LOOK_SIGNAL,
  messagesWorkflowId,
  SEARCH_ATTRIBUTE,
  TASK_QUEUE,
  WORKFLOW,
} from '../workflows/contract';
import type { MessagesInput } from '../workflows/contract';
import { reasonOf } from './temporal-failure';

/** Tells the workflow of a queue of messages to look, and starts it where there is none. Never rejects. */
export type TellMessages = (queue: MessageQueue) => Promise<'told' | 'failed'>;

interface TellMessagesDeps {
  readonly temporal: Client;
  readonly logger: Pick<Logger, 'warn'>;
  /** Default `sundial`. */
  readonly taskQueue?: string;
}

const DEADLINE_MS = 5 * SECOND;

const stateAttribute = defineSearchAttributeKey(SEARCH_ATTRIBUTE.state, 'KEYWORD');

export function createTellMessages({
  temporal,
  logger,
  taskQueue = TASK_QUEUE,
}: TellMessagesDeps): TellMessages {
  return async (queue) => {
    const input: MessagesInput = { queue };
    try {
      await temporal.withDeadline(Date.now() + DEADLINE_MS, () =>
        temporal.workflow.signalWithStart(WORKFLOW.messages, {
          workflowId: messagesWorkflowId(queue, taskQueue),
          taskQueue,
          args: [input],
          signal: LOOK_SIGNAL,
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          typedSearchAttributes: new TypedSearchAttributes([{ key: stateAttribute, value: 'running' }]),
          staticSummary: queue.kind === 'urgent' ? 'urgent messages' : `messages of shard ${queue.shard}`,
        }),
      );
      return 'told';
    } catch (error) {
      const messages = queueName(queue);
      logger.warn({ messages, reason: reasonOf(error) }, 'those who send messages could not be told yet');
      return 'failed';
    }
  };
}
