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

/** Looks at the schedule and at everybody who waits, in one statement. */
export async function findObstacles(
  db: Database,
  tenantId: number,
  scheduleId: string,
  channel: ChannelName,
  waiting: readonly Waiting[],
): Promise<Obstacles> {
  // Served by the primary keys of schedule, recipient and suppression.
  const { rows } = await db.pool.query<{
    status: string;
    reachable: string[];
    suppressed: Record<string, number> | null;
  }>(
    `select s.status,
            array(select r.rid
                    from recipient r
                   where r.tenant_id = $1 and r.rid = any($3::bigint[]) and r.erased_at is null) as reachable,
            (select json_object_agg(w.rid, p.reason)
               from unnest($3::bigint[], $4::bytea[]) as w (rid, hash)
               join suppression p on p.tenant_id = $1 and p.channel = $5 and p.hash = w.hash) as suppressed
       from schedule s
      where s.tenant_id = $1 and s.id = $2`,
    [
      tenantId,
      scheduleId,
      waiting.map(({ rid }) => rid),
      waiting.map(({ hash }) => hash),
      CHANNEL_CODES[channel],
    ],
  );
  const [row] = rows;
  return {
    cancelled: row?.status === undefined || row.status === 'cancelled',
    reachable: new Set(row?.reachable),
    suppressed: new Map(
      Object.entries(row?.suppressed ?? {}).map(([rid, code]) => [rid, suppressionReasonOfCode(code)]),
    ),
  };
}
