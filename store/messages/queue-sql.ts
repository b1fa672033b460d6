import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import type { MessageQueue } from '../../domain/messages/queue';

/**
 * The rows of a queue, of `pending_message m`. Written out, so that the planner knows the partition and the partial
 * index that serves it.
 */
export function within(queue: MessageQueue): string {
  return `${shardOf(queue)} and m.priority ${queue.kind === 'urgent' ? '= 1' : '> 1'}`;
}

/** The shards that a queue has its rows in. */
export function shardOf(queue: MessageQueue): string {
  switch (queue.kind) {
    case 'shard':
      return `m.shard = ${Math.trunc(queue.shard)}`;
    case 'urgent':
      return 'true';
  }
}

/** Whether `pending_message m` is a message of its own, and not somebody of an occurrence who waits. */
export const OWN = `m.state <> ${MESSAGE_STATE_CODES.schedule}`;
