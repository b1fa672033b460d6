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
