import type { DeliveryState } from '../domain/delivery/state';
import { stateOfCode } from '../domain/delivery/state';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';

/** One firing of a schedule as its reader sees it, with the sum of the ledger by state. */
export interface OccurrenceSummary {
  readonly id: string;
  readonly nominal: string;
  readonly version: number;
  readonly state: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** When its rows of the ledger were dropped with their day; null while they are there. */
  readonly droppedAt: Date | null;
  readonly counts: Partial<Record<DeliveryState, number>>;
}

interface OccurrenceRow {
  id: string;
  nominal: string;
  version: number;
  state: string;
  opened_at: Date;
  closed_at: Date | null;
  dropped_at: Date | null;
  counts: Record<string, number> | null;
}

/** Newest first. */
export async function listOccurrences(
  db: Queries,
  tenantId: number,
  scheduleId: string,
  { limit, after }: Slice,
): Promise<Stretch<OccurrenceSummary>> {
  // Served by the unique index on (schedule_id, nominal) and the primary key of counter.
  const { rows } = await db.pool.query<OccurrenceRow>(
    `select o.id, o.nominal, o.version, o.state, o.opened_at, o.closed_at, o.dropped_at,
            (select jsonb_object_agg(c.state, c.total)
               from (select state, sum(count) as total
                       from counter
                      where occurrence_id = o.id
                      group by state) c) as counts
       from occurrence o
      where o.tenant_id = $1
        and o.schedule_id = $2
        and ($3::bigint is null or o.id < $3)
      order by o.id desc
      limit $4`,
    [tenantId, scheduleId, after, limit + 1],
  );
  const { items, next } = stretchOf(rows, limit, ({ id }) => id);
  return { items: items.map(summaryOf), next };
}

function summaryOf(row: OccurrenceRow): OccurrenceSummary {
  const counts = Object.entries(row.counts ?? {})
    .filter(([, count]) => count !== 0)
    .map(([code, count]) => [stateOfCode(Number(code)), count]);
  return {
    id: row.id,
    nominal: row.nominal,
    version: row.version,
    state: row.state,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    droppedAt: row.dropped_at,
    counts: Object.fromEntries(counts),
  };
}
