import type { Queries } from '../database';
import { ensureDeliveryPartition } from '../partitions';

/** What a container holds: the messages of a tenant, a day and a category that belong to no schedule. */
export interface ContainerKey {
  readonly tenantId: number;
  /** `YYYY-MM-DD`: their partition of the ledger. */
  readonly day: string;
  readonly category: string;
}

export interface ContainerCache {
  /**
   * Row ids as decimal strings, in the order of the keys; containers and their partitions are made on first need. All is
   * read and made where `db` says: whoever holds a connection for their transaction waits for no second one.
   */
  idsOf(db: Queries, keys: readonly ContainerKey[]): Promise<string[]>;
}

/** So many containers are remembered: whoever sends to more days and categories asks again. */
const REMEMBERED = 10_000;

/**
 * Containers never change and are never deleted while messages of theirs may come: what was read once holds. What a
 * transaction has read may be its own and never be committed, so that it is not remembered.
 */
export function createContainerCache(): ContainerCache {
  const remembered = new Map<string, string>();
  return {
    async idsOf(db, keys) {
      const names = keys.map(nameOf);
      const known = new Map(names.map((name) => [name, remembered.get(name)]));
      const unknown = new Map(
        keys.flatMap((key) => {
          const name = nameOf(key);
          return known.get(name) === undefined ? [[name, key] as const] : [];
        }),
      );
      if (unknown.size > 0) {
        const opened = await openContainers(db, [...unknown.values()]);
        if (remembered.size + opened.size > REMEMBERED) remembered.clear();
        for (const [name, id] of opened) {
          known.set(name, id);
          if (!db.transaction) remembered.set(name, id);
        }
      }
      return names.map((name) => known.get(name) ?? missing());
    },
  };
}

/**
 * Partitions before containers, and all in one order: what a transaction makes is held until its end, and nobody waits
 * in a ring.
 */
async function openContainers(db: Queries, keys: readonly ContainerKey[]): Promise<Map<string, string>> {
  const ids = await readContainers(db, keys);
  const absent = keys
    .filter((key) => !ids.has(nameOf(key)))
    .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  for (const day of [...new Set(absent.map((key) => key.day))].toSorted()) {
    await ensureDeliveryPartition(db, day);
  }
  for (const key of absent) ids.set(nameOf(key), await openContainer(db, key));
  return ids;
}

async function readContainers(db: Queries, keys: readonly ContainerKey[]): Promise<Map<string, string>> {
  // Served by occurrence_container.
  const { rows } = await db.pool.query<{ place: number; id: string }>(
    `select w.place::int as place, o.id
       from unnest($1::int[], $2::date[], $3::text[]) with ordinality as w (tenant_id, day, category, place)
       join occurrence o on o.tenant_id = w.tenant_id and o.day = w.day and o.category = w.category
      where o.schedule_id is null`,
    [keys.map(({ tenantId }) => tenantId), keys.map(({ day }) => day), keys.map(({ category }) => category)],
  );
  const names = keys.map(nameOf);
  return new Map(rows.map(({ place, id }) => [names[place - 1] ?? missing(), id]));
}

async function openContainer(db: Queries, { tenantId, day, category }: ContainerKey): Promise<string> {
  // Served by occurrence_container; the update that changes nothing returns the row that was there. It opens as its day
  // begins, which is what figures of a span of time go by, and the release before takes it as counted.
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into occurrence (tenant_id, category, version, nominal, day, state, opened_at, counted_at)
     values ($1, $2, 0, $3, $4, 'messages', $5, $5)
     on conflict (tenant_id, day, category) where schedule_id is null do update set category = excluded.category
     returning id`,
    [tenantId, category, day, day, new Date(`${day}T00:00:00Z`)],
  );
  return rows[0]?.id ?? missing();
}

function nameOf({ tenantId, day, category }: ContainerKey): string {
  return `${tenantId}/${day}/${category}`;
}

function missing(): never {
  throw new Error('A container of messages is missing.');
}
