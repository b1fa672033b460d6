import type { Database } from '../database';
import { ensureDeliveryPartition } from '../partitions';

/** What a container holds: the messages of a tenant, a day and a category that belong to no schedule. */
export interface ContainerKey {
  readonly tenantId: number;
  /** `YYYY-MM-DD`: their partition of the ledger. */
  readonly day: string;
  readonly category: string;
}

export interface ContainerCache {
  /** Row id as a decimal string; the container and its partitions are made on first need. */
  idOf(key: ContainerKey): Promise<string>;
}

/** So many containers are remembered: whoever sends to more days and categories asks again. */
const REMEMBERED = 10_000;

/** Containers never change and are never deleted while messages of theirs may come: what was read once holds. */
export function createContainerCache(db: Database): ContainerCache {
  const ids = new Map<string, string>();
  return {
    async idOf(key) {
      const name = `${key.tenantId}/${key.day}/${key.category}`;
      const known = ids.get(name);
      if (known !== undefined) return known;
      const id = await openContainer(db, key);
      if (ids.size >= REMEMBERED) ids.clear();
      ids.set(name, id);
      return id;
    },
  };
}

async function openContainer(db: Database, { tenantId, day, category }: ContainerKey): Promise<string> {
  await ensureDeliveryPartition(db, day);
  // Served by occurrence_container; the update that changes nothing returns the row that was there. It opens as its day
  // begins, which is what figures of a span of time go by, and the release before takes it as counted.
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into occurrence (tenant_id, category, version, nominal, day, state, opened_at, counted_at)
     values ($1, $2, 0, $3, $4, 'messages', $5, $5)
     on conflict (tenant_id, day, category) where schedule_id is null do update set category = excluded.category
     returning id`,
    [tenantId, category, day, day, new Date(`${day}T00:00:00Z`)],
  );
  const [row] = rows;
  if (!row) throw new Error('An insert that returns its row returned none.');
  return row.id;
}
