import { STATE_CODES } from '../domain/delivery/state';
import type { Instant } from '../domain/time/instant';
import type { Database } from './database';
import type { LedgerKey } from './ledger-key';

/** A person on the way into the ledger: what is known before anything is sent. Codes are of domain/delivery. */
export interface LedgerEntry {
  readonly rid: string;
  readonly zone: string;
  readonly zoneSource: number;
  readonly due: Instant;
  readonly adjusted: number | null;
}

export interface Claim extends LedgerEntry {
  /** Attempts of owners before this one. */
  readonly attempts: number;
}

/** A final outcome of a claim. */
export interface Settlement {
  readonly rid: string;
  readonly state: number;
  readonly reason: number | null;
  readonly attempts: number;
  /** Locale of the variant that was rendered. */
  readonly locale: string | null;
  readonly settledAt: Instant;
}

/** A final outcome of somebody who was never claimed. */
export interface Refusal extends LedgerEntry {
  readonly state: number;
  readonly reason: number | null;
}

/** Which rows of `counter` an outcome raises; `slot` spreads pages over rows, readers sum. */
export interface CounterKey {
  readonly channel: number;
  readonly slot: number;
}

export interface Owner {
  /** A UUID of one attempt at one page: never used again. */
  readonly id: string;
  readonly leaseUntil: Instant;
}

/**
 * Claims people in one statement: a row is inserted, or taken over when its lease ran out, and whoever gets it back
 * sends. Nothing is claimed once the schedule is over: its `status`, read in the same statement, says so. Nor is
 * anybody who was erased since the page was read.
 */
export async function claim(
  db: Database,
  scheduleId: string,
  key: LedgerKey,
  channel: number,
  entries: readonly LedgerEntry[],
  owner: Owner,
  now: Instant,
): Promise<{ status: string; claims: Claim[] }> {
  // Rows are locked in the order of rid, so that two owners of overlapping pages cannot block each other for ever.
  const { rows } = await db.pool.query<{ status: string; rid: string | null; attempts: number }>(
    `with standing as (
       select status from schedule where id = $1
     ), wanted as (
       select * from unnest($8::bigint[], $9::text[], $10::smallint[], $11::timestamptz[], $12::smallint[])
           as w (rid, zone, zone_source, due, adjusted)
        order by rid
     ), won as (
       insert into delivery as d (day, occurrence_id, step, rid, state, channel, adjusted, zone_source, zone, due,
                                  owner, lease_until)
       select $2::date, $3::bigint, $4::text, w.rid, ${STATE_CODES.claimed}, $5::smallint, w.adjusted, w.zone_source,
              w.zone, w.due, $6::uuid, $7::timestamptz
         from wanted w, standing
        where standing.status in ('scheduled', 'running')
          and exists (select 1 from recipient r where r.rid = w.rid and r.erased_at is null)
       on conflict (day, occurrence_id, step, rid) do update
          set owner = excluded.owner, lease_until = excluded.lease_until
        where d.state = ${STATE_CODES.claimed} and d.lease_until <= $13::timestamptz
       returning d.rid, d.attempts
     )
     select standing.status, won.rid, won.attempts from standing left join won on true`,
    [
      scheduleId,
      key.day,
      key.occurrenceId,
      key.step,
      channel,
      owner.id,
      timestamp(owner.leaseUntil),
      ...columns(entries),
      timestamp(now),
    ],
  );
  const attempts = new Map(rows.map((row) => [row.rid, row.attempts]));
  const claims = entries.flatMap((entry) => {
    const before = attempts.get(entry.rid);
    return before === undefined ? [] : [{ ...entry, attempts: before }];
  });
  return { status: rows[0]?.status ?? 'unknown', claims };
}

/** People in flight within a key range, whoever holds them. */
export async function readClaims(
  db: Database,
  key: LedgerKey,
  range: { after: string; upTo: string },
): Promise<{ rid: string; leaseUntil: Instant }[]> {
  // Served by the primary key: day, occurrence_id, step, rid.
  const { rows } = await db.pool.query<{ rid: string; lease_until: Date }>(
    `select rid, lease_until
       from delivery
      where day = $1 and occurrence_id = $2 and step = $3 and rid > $4 and rid <= $5
        and state = ${STATE_CODES.claimed}
      order by rid`,
    [key.day, key.occurrenceId, key.step, range.after, range.upTo],
  );
  return rows.map((row) => ({ rid: row.rid, leaseUntil: row.lease_until.getTime() }));
}

/** Takes over those of the claims whose lease has run out; they keep the zone and the due instant of their claim. */
export async function takeOver(
  db: Database,
  key: LedgerKey,
  rids: readonly string[],
  owner: Owner,
  now: Instant,
): Promise<Claim[]> {
  const { rows } = await db.pool.query<{
    rid: string;
    zone: string;
    zone_source: number;
    due: Date;
    adjusted: number | null;
    attempts: number;
  }>(
    `update delivery
        set owner = $4, lease_until = $5
      where (day, occurrence_id, step) = ($1::date, $2::bigint, $3::text)
        and rid in (select rid from delivery
                     where (day, occurrence_id, step) = ($1::date, $2::bigint, $3::text)
                       and rid = any($6::bigint[])
                       and state = ${STATE_CODES.claimed} and lease_until <= $7
                     order by rid
                       for update)
      returning rid, zone, zone_source, due, adjusted, attempts`,
    [key.day, key.occurrenceId, key.step, owner.id, timestamp(owner.leaseUntil), rids, timestamp(now)],
  );
  return rows.map(({ zone_source, due, ...row }) => ({
    ...row,
    zoneSource: zone_source,
    due: due.getTime(),
  }));
}

/** Lengthens the leases that are still the owner's, and says which they are. */
export async function extendLease(
  db: Database,
  key: LedgerKey,
  rids: readonly string[],
  owner: Owner,
): Promise<string[]> {
  const { rows } = await db.pool.query<{ rid: string }>(
    `update delivery
        set lease_until = $5
      where day = $1 and occurrence_id = $2 and step = $3 and rid = any($6::bigint[])
        and state = ${STATE_CODES.claimed} and owner = $4
      returning rid`,
    [key.day, key.occurrenceId, key.step, owner.id, timestamp(owner.leaseUntil), rids],
  );
  return rows.map(({ rid }) => rid);
}

/**
 * Gives claims back: their lease ends now, so that the next attempt at the page takes them over without waiting.
 * `attempts` null: none was made.
 */
export async function giveBack(
  db: Database,
  key: LedgerKey,
  claims: readonly { rid: string; attempts: number | null }[],
  ownerId: string,
  now: Instant,
): Promise<void> {
  await db.pool.query(
    `update delivery d
        set lease_until = $5, attempts = coalesce(c.attempts, d.attempts)
       from unnest($6::bigint[], $7::smallint[]) as c (rid, attempts)
      where d.day = $1 and d.occurrence_id = $2 and d.step = $3 and d.rid = c.rid
        and d.state = ${STATE_CODES.claimed} and d.owner = $4`,
    [
      key.day,
      key.occurrenceId,
      key.step,
      ownerId,
      timestamp(now),
      claims.map(({ rid }) => rid),
      claims.map(({ attempts }) => attempts),
    ],
  );
}

/** Records outcomes of claims, counters included, in one statement. Only the owner records: returns whose it was. */
export async function settle(
  db: Database,
  key: LedgerKey,
  counter: CounterKey,
  settlements: readonly Settlement[],
  ownerId: string,
): Promise<string[]> {
  const { rows } = await db.pool.query<{ rid: string }>(
    `with settled as (
       update delivery d
          set state = o.state, reason = o.reason, attempts = o.attempts, locale = o.locale, settled_at = o.settled_at,
              owner = null, lease_until = null
         from unnest($7::bigint[], $8::smallint[], $9::smallint[], $10::smallint[], $11::text[], $12::timestamptz[])
              as o (rid, state, reason, attempts, locale, settled_at)
        where d.day = $1::date and d.occurrence_id = $2::bigint and d.step = $3::text and d.rid = o.rid
          and d.state = ${STATE_CODES.claimed} and d.owner = $6::uuid
       returning d.rid, d.state
     ), counted as (${count('settled')})
     select rid from settled`,
    [
      ...counterColumns(key, counter),
      ownerId,
      settlements.map(({ rid }) => rid),
      settlements.map(({ state }) => state),
      settlements.map(({ reason }) => reason),
      settlements.map(({ attempts }) => attempts),
      settlements.map(({ locale }) => locale),
      settlements.map(({ settledAt }) => timestamp(settledAt)),
    ],
  );
  return rows.map(({ rid }) => rid);
}

/** Records people who are not to be sent to, counters included, in one statement; whoever has a row keeps it. */
export async function refuse(
  db: Database,
  key: LedgerKey,
  counter: CounterKey,
  refusals: readonly Refusal[],
  now: Instant,
): Promise<string[]> {
  const { rows } = await db.pool.query<{ rid: string }>(
    `with refused as (
       insert into delivery (day, occurrence_id, step, rid, zone, zone_source, due, adjusted, state, reason, channel,
                             settled_at)
       select $1::date, $2::bigint, $3::text, o.rid, o.zone, o.zone_source, o.due, o.adjusted, o.state, o.reason,
              $4::smallint, $6::timestamptz
         from unnest($7::bigint[], $8::text[], $9::smallint[], $10::timestamptz[], $11::smallint[], $12::smallint[],
                     $13::smallint[])
              as o (rid, zone, zone_source, due, adjusted, state, reason)
        order by o.rid
       on conflict (day, occurrence_id, step, rid) do nothing
       returning rid, state
     ), counted as (${count('refused')})
     select rid from refused`,
    [
      ...counterColumns(key, counter),
      timestamp(now),
      ...columns(refusals),
      refusals.map(({ state }) => state),
      refusals.map(({ reason }) => reason),
    ],
  );
  return rows.map(({ rid }) => rid);
}

/** Raised in the order of state, so that pages that share a slot cannot block each other for ever. */
function count(outcomes: 'settled' | 'refused'): string {
  return `insert into counter (occurrence_id, step, variant, channel, state, slot, count)
       select $2::bigint, $3::text, '', $4::smallint, state, $5::smallint, count(*)
         from ${outcomes}
        group by state
        order by state
       on conflict (occurrence_id, step, variant, channel, state, slot) do update
          set count = counter.count + excluded.count`;
}

/** Parameters $1 to $5 of a statement that counts. */
function counterColumns(key: LedgerKey, counter: CounterKey): unknown[] {
  return [key.day, key.occurrenceId, key.step, counter.channel, counter.slot];
}

function columns(entries: readonly LedgerEntry[]): unknown[] {
  return [
    entries.map(({ rid }) => rid),
    entries.map(({ zone }) => zone),
    entries.map(({ zoneSource }) => zoneSource),
    entries.map(({ due }) => timestamp(due)),
    entries.map(({ adjusted }) => adjusted),
  ];
}

function timestamp(at: Instant): string {
  return new Date(at).toISOString();
}
