import type { Queries } from '../database';

/** Forgets up to `limit` keys that have expired and whose messages do not wait any more; how many they were. */
export async function forgetDedupeKeys(db: Queries, now: Date, limit: number): Promise<number> {
  // Served by message_dedupe_expires_at_idx and pending_message_pkey.
  const { rowCount } = await db.pool.query(
    `delete from message_dedupe
      where (tenant_id, key_hash) in (select d.tenant_id, d.key_hash
                                        from message_dedupe d
                                       where d.expires_at <= $1 and not ${WAITS}
                                       limit $2
                                         for update of d skip locked)`,
    [now, limit],
  );
  return rowCount ?? 0;
}

/** Whether the message of a key `d` still waits. Its shard is the last digit of its id. */
export const WAITS = `exists (select 1
                         from pending_message p
                        where p.shard = get_byte(uuid_send(d.message_id), 15) & 15 and p.id = d.message_id)`;
