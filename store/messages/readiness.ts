import { MESSAGE_QUEUES, queueName } from '../../domain/messages/queue';
import type { MessageQueue } from '../../domain/messages/queue';
import type { Instant } from '../../domain/time/instant';
import type { Queries } from '../database';
import { timestamp } from '../ledger';
import { OWN, within } from './queue-sql';

/** When the next message of a queue is to be looked at, which may be past; null when none waits. */
export async function nextReadyAt(db: Queries, queue: MessageQueue): Promise<Instant | null> {
  // Served by pending_message_ordinary of the shard, or pending_message_urgent of each.
  const { rows } = await db.pool.query<{ ready_at: Date }>(
    `select m.ready_at
       from pending_message m
      where ${within(queue)} and ${OWN}
      order by m.ready_at
      limit 1`,
  );
  return rows[0]?.ready_at.getTime() ?? null;
}

/** Queues in which something has been ready since `before`, or, with null, in which anything waits at all. */
export async function waitingQueues(db: Queries, before: Instant | null): Promise<MessageQueue[]> {
  // Each is one look into pending_message_ordinary or pending_message_urgent.
  const { rows } = await db.pool.query<{ name: string }>(
    MESSAGE_QUEUES.map(
      (queue) => `select '${queueName(queue)}' as name
       where exists (select 1
                       from pending_message m
                      where ${within(queue)} and ${OWN} and ($1::timestamptz is null or m.ready_at <= $1))`,
    ).join(' union all '),
    [before === null ? null : timestamp(before)],
  );
  const names = new Set(rows.map(({ name }) => name));
  return MESSAGE_QUEUES.filter((queue) => names.has(queueName(queue)));
}
