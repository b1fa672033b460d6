import { messageDay, messageUuid } from '../../domain/messages/message-id';
import { DAY } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { Database } from '../../store/database';
import { createContainerCache } from '../../store/messages/container-cache';
import { TENANT_ID } from '../people';

const AT_ONCE = 20_000;

/** A million wait for all days of a year to come; fewer for fewer days, so that each has as many as there. */
const MOST_DAYS = 365;
const MESSAGES_A_DAY = 2_500;

/**
 * Leaves messages waiting as the API would have, for people with rids from `firstRid` on. Their instants are spread over a
 * year and come in no order, as they would.
 */
export async function seedPending(
  db: Database,
  count: number,
  about: {
    readonly from: Instant;
    readonly templateId: string;
    readonly firstRid: number;
    readonly people: number;
  },
  onProgress: (done: number) => void,
): Promise<void> {
  const containers = createContainerCache();
  const days = Math.min(MOST_DAYS, Math.ceil(count / MESSAGES_A_DAY));
  for (let first = 0; first < count; first += AT_ONCE) {
    const size = Math.min(AT_ONCE, count - first);
    const rows = [];
    for (let n = first; n < first + size; n += 1) {
      const due = about.from + DAY + Math.floor((((n * 7_919) % count) / count) * days * DAY);
      const id = messageUuid(due, scattered(n));
      const day = messageDay(id);
      const [containerId] = await containers.idsOf(db, [{ tenantId: TENANT_ID, day, category: 'marketing' }]);
      rows.push({
        id,
        due: new Date(due).toISOString(),
        containerId,
        rid: about.firstRid + (n % about.people),
      });
    }
    // Served by nothing: rows are written as a batch of the API writes them.
    await db.pool.query(
      `insert into pending_message (id, shard, tenant_id, rid, container_id, due, expires_at, created_at, channel, zone,
                                    zone_source, template_id)
       select id, get_byte(uuid_send(id), 15) & 15, $1, rid, container_id, due, due + interval '1 day', $2, 6,
              'Europe/Paris', 1, $3
         from unnest($4::uuid[], $5::bigint[], $6::bigint[], $7::timestamptz[]) as m (id, rid, container_id, due)`,
      [
        TENANT_ID,
        new Date(about.from),
        about.templateId,
        rows.map(({ id }) => id),
        rows.map(({ rid }) => rid),
        rows.map(({ containerId }) => containerId),
        rows.map(({ due }) => due),
      ],
    );
    onProgress(first + size);
  }
}

/** Bytes that look like chance and are the same in every run. */
function scattered(n: number): Uint8Array {
  const bytes = new Uint8Array(10);
  let state = n + 1;
  for (let index = 0; index < bytes.length; index += 1) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + index;
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    bytes[index] = (state ^ (state >>> 15)) & 0xff;
  }
  return bytes;
}
