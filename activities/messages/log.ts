import type { Channel, SendResult } from '../../channels/channel';
import { queueName } from '../../domain/messages/queue';
import type { MessageQueue } from '../../domain/messages/queue';
import { messageIdOf } from '../../domain/messages/message-id';
import type { ReadyMessage } from '../../store/messages/pick';
import type { Tally } from '../contract';
import type { ActivityDeps } from '../deps';

/** What a delivery tells the log: one line at its end, and one a call at the level `debug`. People are named by rid. */
export interface MessageLog {
  called(message: ReadyMessage, provider: Channel, result: SendResult): void;
  /** Of messages on channels that this worker does not have. */
  uncarried(messages: readonly ReadyMessage[]): void;
  ended(how: 'done' | 'stopped' | 'failed', counts: Tally): void;
}

export function createMessageLog(
  { logger, clock }: Pick<ActivityDeps, 'logger' | 'clock'>,
  queue: MessageQueue,
): MessageLog {
  const begun = clock();
  const calls: Partial<Record<SendResult['kind'], number>> = {};
  return {
    called({ id, tenantId, rid }, { name: channel, provider }, result) {
      calls[result.kind] = (calls[result.kind] ?? 0) + 1;
      // Thousands a second, of which hardly anybody wants to hear.
      if (!logger.isLevelEnabled('debug')) return;
      const reason = result.kind === 'rejected' ? result.reason : undefined;
      const about = { tenant: tenantId, messageId: messageIdOf(id), rid, channel, provider };
      logger.debug({ ...about, result: result.kind, reason }, 'the provider was called');
    },
    uncarried(messages) {
      const channels = [...new Set(messages.map(({ channel }) => channel))];
      const about = { queue: queueName(queue), channels, messages: messages.length };
      logger.warn(about, 'this worker has no channel for messages, which are put off');
    },
    ended(how, counts) {
      if (Object.keys(counts).length === 0 && Object.keys(calls).length === 0) return;
      const about = { queue: queueName(queue), how, calls, outcomes: counts, milliseconds: clock() - begun };
      logger.info(about, 'messages were handed to the provider');
    },
  };
}
