import type { PoolClient } from 'pg';
import { AT_REST, ENDED_COLUMNS, recordEnded } from './end';
import type { EndedRow } from './end';

/**
 * Ends what waits for a person who is being erased. What is being sent at this moment is for the last look before the
 * provider is called; what messages say cannot be opened any more without the person's key.
 */
export async function eraseMessagesOf(client: PoolClient, rid: string, at: Date): Promise<void> {
  // Served by pending_message_rid_idx of each shard. Locked in the order in which everybody locks them.
  const { rows } = await client.query<EndedRow>(
    `delete from pending_message
      where (shard, id) in (select shard, id
                              from pending_message
                             where rid = $1 and state in (${AT_REST})
                             order by shard, id
                               for update)
     returning ${ENDED_COLUMNS}`,
    [rid],
  );
  await recordEnded(client, rows, 'erased', at);
}
