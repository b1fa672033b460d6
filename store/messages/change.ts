import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import { messageDay, messageShard } from '../../domain/messages/message-id';
import type { Instant } from '../../domain/time/instant';
import type { Queries } from '../database';
import { timestamp } from '../ledger';
import { inTransaction, joining } from '../transaction';
import { findMessage } from './find';
import type { MessageRecord, Waiting } from './find';

/** What of a message that waits can be changed, as it is to be. */
export interface ChangedMessage {
  readonly due: Instant;
  readonly wallTime: string | null;
  readonly zone: string;
  readonly expiresAt: Instant;
  readonly priority: number;
  readonly templateId: string | null;
  readonly sealed: Uint8Array | null;
}

export type MessageChange =
  | { readonly kind: 'changed'; readonly record: MessageRecord & { readonly waiting: Waiting } }
  /** It is being sent, or over. */
  | { readonly kind: 'late'; readonly record: MessageRecord }
  | { readonly kind: 'unknown' };

/**
 * Changes a message that waits by what is known of it now; its row is held meanwhile, so that nobody begins to send it.
 * One that was put off, or waits for its next try, is looked at at its instant as if for the first time. What `change` throws is passed on and
 * nothing is changed.
 */
export async function changeMessage(
  db: Queries,
  tenantId: number,
  uuid: string,
  change: (db: Queries, current: MessageRecord & { readonly waiting: Waiting }) => Promise<ChangedMessage>,
): Promise<MessageChange> {
  return inTransaction(db, async (client): Promise<MessageChange> => {
    const joined = joining(client);
    const shard = messageShard(uuid);
    // A statement before it is read: whoever waits here sees what the one before has changed. Held whatever its state
    // is: one that was claimed a moment ago may wait again when it is read. Served by pending_message_pkey.
    await client.query(
      'select 1 from pending_message where shard = $1 and id = $2 and tenant_id = $3 for update',
      [shard, uuid, tenantId],
    );
    const current = await findMessage(joined, tenantId, uuid);
    if (!current) return { kind: 'unknown' };
    const { waiting } = current;
    if (!waiting || current.status === 'claimed') return { kind: 'late', record: current };
    const next = await change(joined, { ...current, waiting });
    await client.query(
      `update pending_message
          set due = $3, wall_time = $4, zone = $5, expires_at = $6, priority = $7, template_id = $8, sealed = $9,
              version = version + 1, lease_until = null,
              state = case when due = $3 then state else ${MESSAGE_STATE_CODES.pending} end,
              reason = case when due = $3 then reason end
        where shard = $1 and id = $2`,
      [
        shard,
        uuid,
        timestamp(next.due),
        next.wallTime,
        next.zone,
        timestamp(next.expiresAt),
        next.priority,
        next.templateId,
        next.sealed !== null,
      ],
    );
    await keepWords(joined, uuid, next.sealed);
    const record = await findMessage(joined, tenantId, uuid);
    if (!record?.waiting) throw new Error('A message that was changed does not wait any more.');
    return { kind: 'changed', record: { ...record, waiting: record.waiting } };
  });
}

async function keepWords(db: Queries, uuid: string, sealed: Uint8Array | null): Promise<void> {
  const day = messageDay(uuid);
  if (sealed === null)
    await db.pool.query('delete from message_data where day = $1 and id = $2', [day, uuid]);
  else {
    await db.pool.query(
      `insert into message_data (day, id, sealed) values ($1, $2, $3)
       on conflict (day, id) do update set sealed = excluded.sealed`,
      [day, uuid, sealed],
    );
  }
}
