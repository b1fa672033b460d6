import { MESSAGE_SHARDS } from './message-id';

/**
 * What one workflow sees to: the messages of a shard but for urgent ones, or the urgent ones of all shards, which wait
 * behind nobody.
 */
export type MessageQueue = { readonly kind: 'shard'; readonly shard: number } | { readonly kind: 'urgent' };

/** The priority of urgent messages. */
const URGENT = 1;

export const URGENT_QUEUE: MessageQueue = { kind: 'urgent' };

export const MESSAGE_QUEUES: readonly MessageQueue[] = [
  URGENT_QUEUE,
  ...Array.from({ length: MESSAGE_SHARDS }, (_, shard): MessageQueue => ({ kind: 'shard', shard })),
];

export function queueOf(shard: number, priority: number): MessageQueue {
  return priority === URGENT ? URGENT_QUEUE : { kind: 'shard', shard };
}

/** `urgent`, or the number of the shard. */
export function queueName(queue: MessageQueue): string {
  switch (queue.kind) {
    case 'shard':
      return String(queue.shard);
    case 'urgent':
      return 'urgent';
  }
}
