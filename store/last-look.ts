import { CHANNEL_CODES } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { suppressionReasonOfCode } from '../domain/delivery/suppression';
import type { SuppressionReason } from '../domain/delivery/suppression';
import type { AddressHash } from '../platform/address-hash';
import type { Database } from './database';

/** Somebody who waits for an attempt; without a hash their channel needs no address. */
export interface Waiting {
  readonly rid: string;
  readonly hash: AddressHash | null;
}

/** What stands between people and an attempt. */
export interface Obstacles {
  /** Whether the schedule was cancelled. */
  readonly cancelled: boolean;
  /** Those who were not erased. */
  readonly reachable: ReadonlySet<string>;
  /** Those to whose address the channel writes no more, and why. */
  readonly suppressed: ReadonlyMap<string, SuppressionReason>;
}

/** Looks at people whose messages belong to no schedule. */
export async function findObstaclesOf(
  db: Database,
  tenantId: number,
  channel: ChannelName,
  waiting: readonly Waiting[],
): Promise<Obstacles> {
  // Served by the primary keys of recipient and suppression.
  const { rows } = await db.pool.query<StandingRow>(`select ${STANDING}`, [
    tenantId,
    ...waitingColumns(waiting),
    CHANNEL_CODES[channel],
  ]);
  return { ...standingsOf(rows[0]), cancelled: false };
}

/** Looks at the schedule and at everybody who waits, in one statement. */
export async function findObstacles(
  db: Database,
  tenantId: number,
  scheduleId: string,
  channel: ChannelName,
  waiting: readonly Waiting[],
): Promise<Obstacles> {
  // Served by the primary keys of schedule, recipient and suppression.
  const { rows } = await db.pool.query<StandingRow & { status: string }>(
    `select s.status, ${STANDING}
       from schedule s
      where s.tenant_id = $1 and s.id = $5`,
    [tenantId, ...waitingColumns(waiting), CHANNEL_CODES[channel], scheduleId],
  );
  const [row] = rows;
  return {
    ...standingsOf(row),
    cancelled: row?.status === undefined || row.status === 'cancelled',
  };
}

interface StandingRow {
  reachable: string[];
  suppressed: Record<string, number> | null;
}

/** Of the people $2 with the hashes $3 of their addresses. */
const STANDING = `
            array(select r.rid
                    from recipient r
                   where r.tenant_id = $1 and r.rid = any($2::bigint[]) and r.erased_at is null) as reachable,
            (select json_object_agg(w.rid, p.reason)
               from unnest($2::bigint[], $3::bytea[]) as w (rid, hash)
               join suppression p on p.tenant_id = $1 and p.channel = $4 and p.hash = w.hash) as suppressed`;

function waitingColumns(waiting: readonly Waiting[]): unknown[] {
  return [waiting.map(({ rid }) => rid), waiting.map(({ hash }) => hash)];
}

function standingsOf(row: StandingRow | undefined): Omit<Obstacles, 'cancelled'> {
  return {
    reachable: new Set(row?.reachable),
    suppressed: new Map(
      Object.entries(row?.suppressed ?? {}).map(([rid, code]) => [rid, suppressionReasonOfCode(code)]),
    ),
  };
}
