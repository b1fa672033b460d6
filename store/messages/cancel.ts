import { CHANNEL_CODES } from '../../domain/delivery/channel';
import type { ChannelName } from '../../domain/delivery/channel';
import { MESSAGE_SHARDS, messageShard } from '../../domain/messages/message-id';
import type { Queries } from '../database';
import { inTransaction } from '../transaction';
import { AT_REST, ENDED_COLUMNS, recordEnded } from './end';
import type { EndedRow } from './end';

/** Which messages of a tenant are meant: those that satisfy every part. */
export interface MessageFilter {
  /** The customer's own id of a person. */
  readonly recipient?: string | undefined;
  readonly category?: string | undefined;
  readonly channel?: ChannelName | undefined;
  /** Exclusive. */
  readonly dueBefore?: Date | undefined;
  /** Inclusive. */
  readonly dueAfter?: Date | undefined;
}

/** One transaction cancels so many: few enough that nobody who sends waits long for the counters. */
const STEP = 5_000;

/** Cancels a message. False when it is being sent, over or unknown. */
export async function cancelMessage(db: Queries, tenantId: number, uuid: string, at: Date): Promise<boolean> {
  // Served by pending_message_pkey.
  const cancelled = await endStep(
    db,
    `delete from pending_message
      where shard = $1 and id = $2 and tenant_id = $3 and state in (${AT_REST})
     returning ${ENDED_COLUMNS}`,
    [messageShard(uuid), uuid, tenantId],
    at,
  );
  return cancelled === 1;
}

/** Cancels those of some messages that wait, and says how many they were. */
export async function cancelMessages(
  db: Queries,
  tenantId: number,
  uuids: readonly string[],
  at: Date,
): Promise<number> {
  let cancelled = 0;
  for (const [shard, ids] of byShard(uuids)) {
    // Served by pending_message_pkey. What others hold is being taken up, and skipped: nobody waits in a ring.
    cancelled += await endStep(
      db,
      `delete from pending_message
        where shard = $1
          and id in (select p.id
                       from pending_message p
                      where p.shard = $1 and p.id = any ($2::uuid[]) and p.tenant_id = $3 and p.state in (${AT_REST})
                        for update skip locked)
       returning ${ENDED_COLUMNS}`,
      [shard, ids, tenantId],
      at,
    );
  }
  return cancelled;
}

/**
 * Cancels all that wait and satisfy the filter, shard by shard and step by step: each step is a transaction, unless
 * `db` is one. Whoever is sent to at that moment is left alone. How many they were.
 */
export async function cancelByFilter(
  db: Queries,
  tenantId: number,
  { recipient, category, channel, dueBefore, dueAfter }: MessageFilter,
  at: Date,
): Promise<number> {
  let cancelled = 0;
  for (let shard = 0; shard < MESSAGE_SHARDS; shard += 1) {
    for (;;) {
      // Served by pending_message_rid_idx or pending_message_tenant_id_priority_ready_at_idx of the shard. What others hold
      // is skipped as well.
      const step = await endStep(
        db,
        `delete from pending_message
          where shard = $1
            and id in (select p.id
                         from pending_message p
                        where p.shard = $1 and p.tenant_id = $2 and p.state in (${AT_REST})
                          and ($3::text is null
                               or p.rid = (select rid from recipient where tenant_id = $2 and external_id = $3))
                          and ($4::text is null
                               or p.container_id in (select id
                                                       from occurrence
                                                      where tenant_id = $2 and category = $4 and schedule_id is null))
                          and ($5::smallint is null or p.channel = $5)
                          and ($6::timestamptz is null or p.due < $6)
                          and ($7::timestamptz is null or p.due >= $7)
                        limit $8
                          for update skip locked)
         returning ${ENDED_COLUMNS}`,
        [shard, tenantId, recipient, category, channel && CHANNEL_CODES[channel], dueBefore, dueAfter, STEP],
        at,
      );
      cancelled += step;
      if (step < STEP) break;
    }
  }
  return cancelled;
}

async function endStep(db: Queries, text: string, values: readonly unknown[], at: Date): Promise<number> {
  return inTransaction(db, async (client) => {
    const { rows } = await client.query<EndedRow>(text, [...values]);
    await recordEnded(client, rows, 'cancelled', at);
    return rows.length;
  });
}

function byShard(uuids: readonly string[]): Map<number, string[]> {
  const shards = new Map<number, string[]>();
  for (const uuid of uuids) {
    const shard = messageShard(uuid);
    const others = shards.get(shard);
    if (others) others.push(uuid);
    else shards.set(shard, [uuid]);
  }
  return shards;
}
