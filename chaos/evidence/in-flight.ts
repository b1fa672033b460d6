import { STATE_CODES } from '../../domain/delivery/state';
import type { Database } from '../../store/database';
import { addressOfId } from '../round/crowd';
import { type MessageKey, messageKey } from './evidence';

/** Who is claimed just now; undefined while Postgres is away. */
export async function readInFlight(db: Database): Promise<ReadonlySet<MessageKey> | undefined> {
  try {
    const { rows } = await db.pool.query<{ campaign: string; id: string }>(
      `select s.name as campaign, r.external_id as id
         from delivery d
         join occurrence o on o.id = d.occurrence_id and o.day = d.day
         join schedule s on s.id = o.schedule_id
         join recipient r on r.rid = d.rid
        where d.state = ${STATE_CODES.claimed}`,
    );
    return new Set(rows.map(({ campaign, id }) => messageKey(campaign, addressOfId(id))));
  } catch {
    return undefined;
  }
}
