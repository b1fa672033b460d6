import type { Queries } from '../database';

/** By which epoch of Redis a tenant's messages are counted. */
export interface CapEpoch {
  readonly epoch: string;
  /** Whether everything that was claimed since is counted there. */
  readonly whole: boolean;
}

/** Null when nothing of the tenant was ever counted. */
export async function readCapEpoch(db: Queries, tenantId: number): Promise<CapEpoch | null> {
  const { rows } = await db.pool.query<CapEpoch>('select epoch, whole from cap_epoch where tenant_id = $1', [
    tenantId,
  ]);
  return rows[0] ?? null;
}

/**
 * Begins an epoch. Waits for claims that are being made under the one before, which hold its row: from here on none
 * is, and all that were are in the ledger. Returns the epochs before it whose keys may still be in Redis.
 */
export async function beginCapEpoch(db: Queries, tenantId: number, epoch: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ left_behind: string[] }>(
    `insert into cap_epoch as e (tenant_id, epoch, whole, left_behind) values ($1, $2, true, '{}')
     on conflict (tenant_id) do update
        set epoch = excluded.epoch, whole = true, left_behind = e.left_behind || e.epoch
     returning left_behind`,
    [tenantId, epoch],
  );
  return rows[0]?.left_behind ?? [];
}

/** Notes that nothing of these epochs is in Redis any more. */
export async function forgetCapEpochs(
  db: Queries,
  tenantId: number,
  swept: readonly string[],
): Promise<void> {
  await db.pool.query(
    `update cap_epoch
        set left_behind = array(select unnest(left_behind) except select unnest($2::text[]))
      where tenant_id = $1`,
    [tenantId, swept],
  );
}

/**
 * Notes that messages are about to be claimed that Redis does not know of, before they are: it is rebuilt before
 * anything is counted again. Returns the epoch to claim them under.
 * @param fresh the epoch that begins if the present one is still whole.
 */
export async function breakCapEpoch(db: Queries, tenantId: number, fresh: string): Promise<string> {
  // Looked at first, because writing waits for every claim that is being made.
  const current = await readCapEpoch(db, tenantId);
  if (current?.whole === false) return current.epoch;
  const { rows } = await db.pool.query<{ epoch: string }>(
    `insert into cap_epoch as e (tenant_id, epoch, whole, left_behind) values ($1, $2, false, '{}')
     on conflict (tenant_id) do update
        set epoch = case when e.whole then excluded.epoch else e.epoch end, whole = false,
            left_behind = case when e.whole then e.left_behind || e.epoch else e.left_behind end
     returning epoch`,
    [tenantId, fresh],
  );
  return rows[0]?.epoch ?? fresh;
}
