import { STATE_CODES } from '../domain/delivery/state';
import { errorCode } from '../platform/error-code';
import type { Database } from './database';
import type { LedgerKey } from './ledger-key';

/** Somebody and what their address is claimed by in an occurrence and step. */
export interface Addressee {
  readonly rid: string;
  readonly addressKey: string | null;
}

/**
 * Why somebody could not be claimed: they have a row themselves, somebody with their address has or may have got the
 * message, or that is still open.
 */
export type Lost = 'has-row' | 'duplicate' | 'open';

/** Looks up, by rid, what stood in the way of those who could not be claimed. */
export async function whyLost(
  db: Database,
  key: LedgerKey,
  lost: readonly Addressee[],
): Promise<ReadonlyMap<string, Lost>> {
  // Served by the primary key and by delivery_address; `limit` keeps the planner, who knows nothing of a new
  // partition, from reading the whole occurrence.
  const { rows } = await db.pool.query<{ rid: string; own: number | null; holder: number | null }>(
    `select w.rid, own.state as own, holder.state as holder
       from unnest($4::bigint[], $5::uuid[]) as w (rid, address_key)
       left join lateral (select state
                            from delivery
                           where day = $1::date and occurrence_id = $2::bigint and step = $3::text and rid = w.rid
                           limit 1) own on true
       left join lateral (select state
                            from delivery
                           where day = $1::date and address_key = w.address_key
                           limit 1) holder on true`,
    [
      key.day,
      key.occurrenceId,
      key.step,
      lost.map(({ rid }) => rid),
      lost.map(({ addressKey }) => addressKey),
    ],
  );
  return new Map(rows.map(({ rid, own, holder }) => [rid, own === null ? lostTo(holder) : 'has-row']));
}

function lostTo(holder: number | null): Lost {
  return holder === STATE_CODES.sent || holder === STATE_CODES.unknown ? 'duplicate' : 'open';
}

const UNIQUE_VIOLATION = '23505';

/** Has an owner's claim hold another address. False when somebody else holds that one, or the claim is lost. */
export async function holdAddress(
  db: Database,
  key: LedgerKey,
  { rid, addressKey }: Addressee,
  ownerId: string,
): Promise<boolean> {
  try {
    const { rowCount } = await db.pool.query(
      `update delivery
          set address_key = $6::uuid
        where day = $1 and occurrence_id = $2 and step = $3 and rid = $4
          and state = ${STATE_CODES.claimed} and owner = $5::uuid`,
      [key.day, key.occurrenceId, key.step, rid, ownerId, addressKey],
    );
    return rowCount === 1;
  } catch (error) {
    if (errorCode(error) === UNIQUE_VIOLATION) return false;
    throw error;
  }
}
