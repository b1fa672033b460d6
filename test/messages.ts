import { randomBytes } from 'node:crypto';
import { ON_CAP_CODES } from '../domain/caps/rule';
import type { OnCap } from '../domain/caps/rule';
import { CHANNEL_CODES } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { reasonOfCode, stateOfCode } from '../domain/delivery/state';
import { messageDay, messageShard, messageUuid, uuidOfStep } from '../domain/messages/message-id';
import type { Instant } from '../domain/time/instant';
import { DAY } from '../domain/time/instant';
import type { Database } from '../store/database';
import { createContainerCache } from '../store/messages/container-cache';

/** A message to be put straight into Postgres, as the API would have left it there. */
export interface SeedMessage {
  readonly tenantId?: number;
  readonly rid?: string;
  readonly due: Instant;
  readonly shard?: number;
  readonly priority?: number;
  readonly channel?: ChannelName;
  readonly category?: string;
  readonly templateId?: string;
  readonly expiresAt?: Instant;
  readonly zone?: string;
  readonly onCap?: OnCap;
  /** What it says beyond its template, sealed already. */
  readonly sealed?: Uint8Array;
}

/** What became of messages that are over, by id: `state` or `state/reason`. */
export async function outcomesOfMessages(db: Database): Promise<Record<string, string>> {
  const { rows } = await db.pool.query<{ step: string; state: number; reason: number | null }>(
    `select d.step, d.state, d.reason
       from delivery d
       join occurrence o on o.id = d.occurrence_id
      where o.schedule_id is null`,
  );
  return Object.fromEntries(
    rows.map(({ step, state, reason }) => [
      uuidOfStep(step),
      reason === null ? stateOfCode(state) : `${stateOfCode(state)}/${reasonOfCode(reason)}`,
    ]),
  );
}

/** Returns their ids, as UUIDs, in order. */
export async function seedMessages(db: Database, messages: readonly SeedMessage[]): Promise<string[]> {
  const containers = createContainerCache();
  const ids: string[] = [];
  for (const { tenantId = 1, due, category = 'marketing', shard, sealed, ...message } of messages) {
    const id = newMessageUuid(due, shard);
    const [containerId] = await containers.idsOf(db, [{ tenantId, day: messageDay(id), category }]);
    await db.pool.query(
      `insert into pending_message (id, shard, tenant_id, rid, container_id, due, expires_at, created_at, channel, priority,
                                    zone, zone_source, template_id, on_cap, sealed)
       values ($1, $2, $3, $4, $5, $6, $7, $6, $8, $9, $10, 0, $11, $12, $13)`,
      [
        id,
        messageShard(id),
        tenantId,
        message.rid ?? '1',
        containerId,
        new Date(due),
        new Date(message.expiresAt ?? due + DAY),
        CHANNEL_CODES[message.channel ?? 'noop'],
        message.priority ?? 3,
        message.zone ?? 'UTC',
        message.templateId ?? null,
        ON_CAP_CODES[message.onCap ?? 'drop'],
        sealed !== undefined,
      ],
    );
    if (sealed !== undefined) {
      await db.pool.query('insert into message_data (day, id, sealed) values ($1, $2, $3)', [
        messageDay(id),
        id,
        sealed,
      ]);
    }
    ids.push(id);
  }
  return ids;
}

function newMessageUuid(due: Instant, shard: number | undefined): string {
  const random = randomBytes(10);
  if (shard !== undefined) random.writeUInt8(shard, 9);
  return messageUuid(due, random);
}
