import { stateOfCode } from '../../domain/delivery/state';
import type { DeliveryState } from '../../domain/delivery/state';
import type { Instant } from '../../domain/time/instant';
import type { Database } from '../../store/database';

export interface LedgerRow {
  id: string;
  state: DeliveryState;
  zone: string;
  adjusted: number | null;
  due: Instant;
  settledAt: Instant | null;
}

/** Every ledger row of a schedule by the person's own id, in the order of their instants. */
export async function ledgerRows(db: Pick<Database, 'pool'>, scheduleId: string): Promise<LedgerRow[]> {
  const { rows } = await db.pool.query<{
    id: string;
    state: number;
    zone: string;
    adjusted: number | null;
    due: Date;
    settled_at: Date | null;
  }>(
    `select r.external_id as id, d.state, d.zone, d.adjusted, d.due, d.settled_at
       from delivery d
       join occurrence o on o.id = d.occurrence_id
       join recipient r on r.rid = d.rid
      where o.schedule_id = $1
      order by d.due, r.rid`,
    [scheduleId],
  );
  return rows.map(({ id, state, zone, adjusted, due, settled_at: settledAt }) => ({
    id,
    state: stateOfCode(state),
    zone,
    adjusted,
    due: due.getTime(),
    settledAt: settledAt?.getTime() ?? null,
  }));
}
