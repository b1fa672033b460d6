import { channelOfCode, CHANNEL_CODES } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { REASON_CODES } from '../domain/delivery/state';
import { SUPPRESSION_SOURCES, suppressionReasonOfCode } from '../domain/delivery/suppression';
import type { SuppressionReason, SuppressionSource } from '../domain/delivery/suppression';
import type { AddressHash } from '../platform/address-hash';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';

/** An address that a channel writes to no more; which one, only its hash knows. */
export interface SuppressionRecord {
  readonly id: string;
  readonly channel: ChannelName;
  readonly reason: SuppressionReason;
  readonly source: SuppressionSource;
  /** Null when nobody asked for it. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
}

export interface NewSuppression extends SuppressionRecord {
  readonly hash: AddressHash;
}

interface SuppressionRow {
  id: string;
  channel: number;
  hash: Buffer;
  reason: number;
  source: string;
  created_by: string | null;
  created_at: Date;
}

const COLUMNS = 'id, channel, hash, reason, source, created_by, created_at';

/**
 * Suppresses addresses; one that was suppressed before stays as it was, with its first reason. Answers with what holds
 * of each, in their order.
 */
export async function suppress(
  db: Queries,
  tenantId: number,
  wanted: readonly NewSuppression[],
): Promise<SuppressionRecord[]> {
  // In one order, so that two writers of the same addresses cannot wait in a ring.
  const distinct = [...new Map(wanted.map((one) => [keyOf(one), one])).entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, one]) => one);
  // Changes nothing of what is there, but hands it back as it hands back what it inserts.
  const { rows } = await db.pool.query<SuppressionRow>(
    `insert into suppression as s (tenant_id, channel, hash, id, reason, source, created_by, created_at)
     select $1::int, w.*
       from unnest($2::smallint[], $3::bytea[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::timestamptz[])
            as w (channel, hash, id, reason, source, created_by, created_at)
     on conflict (tenant_id, channel, hash) do update set reason = s.reason
     returning ${COLUMNS}`,
    [
      tenantId,
      distinct.map(({ channel }) => CHANNEL_CODES[channel]),
      distinct.map(({ hash }) => hash),
      distinct.map(({ id }) => id),
      distinct.map(({ reason }) => REASON_CODES[reason]),
      distinct.map(({ source }) => source),
      distinct.map(({ createdBy }) => createdBy),
      distinct.map(({ createdAt }) => createdAt),
    ],
  );
  const held = new Map(rows.map((row) => [keyOf({ ...row, channel: channelOfCode(row.channel) }), row]));
  return wanted.map((one) => {
    const row = held.get(keyOf(one));
    return row ? recordOf(row) : one;
  });
}

function keyOf({ channel, hash }: Pick<NewSuppression, 'channel' | 'hash'>): string {
  return `${channel} ${hash.toString('hex')}`;
}

/** Which of the addresses the channel writes to no more, by their hash in hexadecimal, and why. */
export async function suppressedAmong(
  db: Queries,
  tenantId: number,
  channel: ChannelName,
  hashes: readonly AddressHash[],
): Promise<Map<string, SuppressionReason>> {
  if (hashes.length === 0) return new Map();
  // Served by the primary key, one probe an address.
  const { rows } = await db.pool.query<Pick<SuppressionRow, 'hash' | 'reason'>>(
    'select hash, reason from suppression where tenant_id = $1 and channel = $2 and hash = any($3::bytea[])',
    [tenantId, CHANNEL_CODES[channel], hashes],
  );
  return new Map(rows.map(({ hash, reason }) => [hash.toString('hex'), suppressionReasonOfCode(reason)]));
}

export async function findSuppressionOf(
  db: Queries,
  tenantId: number,
  channel: ChannelName,
  hash: AddressHash,
): Promise<SuppressionRecord | null> {
  // Served by the primary key.
  const { rows } = await db.pool.query<SuppressionRow>(
    `select ${COLUMNS} from suppression where tenant_id = $1 and channel = $2 and hash = $3`,
    [tenantId, CHANNEL_CODES[channel], hash],
  );
  return rows[0] ? recordOf(rows[0]) : null;
}

export async function findSuppression(
  db: Queries,
  tenantId: number,
  id: string,
): Promise<SuppressionRecord | null> {
  // Served by suppression_tenant_id_id_key.
  const { rows } = await db.pool.query<SuppressionRow>(
    `select ${COLUMNS} from suppression where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return rows[0] ? recordOf(rows[0]) : null;
}

/** Newest first. */
export async function listSuppressions(
  db: Queries,
  tenantId: number,
  channel: ChannelName | null,
  { limit, after }: Slice,
): Promise<Stretch<SuppressionRecord>> {
  // Served by suppression_tenant_id_id_key.
  const { rows } = await db.pool.query<SuppressionRow>(
    `select ${COLUMNS}
       from suppression
      where tenant_id = $1 and ($2::smallint is null or channel = $2) and ($3::text is null or id < $3)
      order by id desc
      limit $4`,
    [tenantId, channel && CHANNEL_CODES[channel], after, limit + 1],
  );
  const { items, next } = stretchOf(rows, limit, ({ id }) => id);
  return { items: items.map(recordOf), next };
}

/** Lets the channel write to the address again. Answers whether there was such a suppression. */
export async function liftSuppression(db: Queries, tenantId: number, id: string): Promise<boolean> {
  const { rowCount } = await db.pool.query('delete from suppression where tenant_id = $1 and id = $2', [
    tenantId,
    id,
  ]);
  return rowCount === 1;
}

function recordOf(row: SuppressionRow): SuppressionRecord {
  const source = SUPPRESSION_SOURCES.find((one) => one === row.source);
  if (source === undefined) throw new RangeError(`No suppression comes from ${row.source}.`);
  return {
    id: row.id,
    channel: channelOfCode(row.channel),
    reason: suppressionReasonOfCode(row.reason),
    source,
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}
