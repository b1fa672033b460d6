import { expiryOf } from '../../domain/messages/due';
import type { Priority } from '../../domain/delivery/priority';
import type { Instant } from '../../domain/time/instant';
import type { Queries } from '../database';
import { timestamp } from '../ledger';
import { inTransaction } from '../transaction';
import { AT_REST } from './end';

/** A message that waits for another instant now. */
export interface MovedMessage {
  readonly uuid: string;
  readonly due: Date;
  readonly waiting: { readonly priority: Priority };
}

interface LocalRow {
  id: string;
  shard: number;
  wall_time: string;
  due: Date;
  expires_at: Date;
  priority: Priority;
  zone: string;
  zone_source: number;
}

/**
 * Has what waits for a person at a wall time wait for that time in the zone that counts for them now. An expiry that
 * nobody gave moves along.
 * @param dueIn when a wall time (`YYYY-MM-DDTHH:mm:ss`) is in a zone; null where the zone is unknown.
 */
export async function followZone(
  db: Queries,
  tenantId: number,
  recipient: string,
  dueIn: (wallTime: string, zone: string) => Instant | null,
): Promise<MovedMessage[]> {
  return inTransaction(db, async (client) => {
    // Served by recipient_tenant_id_external_id_key and pending_message_rid_idx. Locked in the order in which everybody
    // locks them.
    const { rows } = await client.query<LocalRow>(
      `select p.id, p.shard, p.wall_time, p.due, p.expires_at, p.priority,
              coalesce(r.zone, t.default_time_zone) as zone, r.zone_source
         from recipient r
         join tenant t on t.id = r.tenant_id
         join pending_message p on p.rid = r.rid
        where r.tenant_id = $1 and r.external_id = $2
          and p.wall_time is not null and p.state in (${AT_REST})
          and p.zone <> coalesce(r.zone, t.default_time_zone)
        order by p.shard, p.id
          for update of p`,
      [tenantId, recipient],
    );
    const moved = rows.flatMap((row) => {
      const due = dueIn(row.wall_time, row.zone);
      if (due === null) return [];
      const byDefault = row.expires_at.getTime() === expiryOf(row.due.getTime(), null);
      return [{ ...row, due, expiresAt: byDefault ? expiryOf(due, null) : row.expires_at.getTime() }];
    });
    if (moved.length === 0) return [];
    await client.query(
      `update pending_message p
          set due = m.due, expires_at = m.expires_at, zone = m.zone, zone_source = m.zone_source, lease_until = null,
              version = version + 1
         from unnest($1::smallint[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::smallint[])
              as m (shard, id, due, expires_at, zone, zone_source)
        where p.shard = m.shard and p.id = m.id`,
      [
        moved.map(({ shard }) => shard),
        moved.map(({ id }) => id),
        moved.map(({ due }) => timestamp(due)),
        moved.map(({ expiresAt }) => timestamp(expiresAt)),
        moved.map(({ zone }) => zone),
        moved.map(({ zone_source }) => zone_source),
      ],
    );
    return moved.map(({ id, due, priority }) => ({ uuid: id, due: new Date(due), waiting: { priority } }));
  });
}
