import type { Begun } from '../domain/delivery/chain';
import { CHANNEL_CODES, channelOfCode } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { REASON_CODES, reasonOfCode, STATE_CODES } from '../domain/delivery/state';
import type { DeliveryReason } from '../domain/delivery/state';
import type { Doubt } from '../domain/delivery/doubt';
import { STEP_CODES } from '../domain/delivery/step';
import type { Step } from '../domain/delivery/step';
import type { Instant } from '../domain/time/instant';
import { noteSteps, readTrails, stepColumns, stepsBefore } from './attempts';
import type { StepsOfPerson } from './attempts';
import { arrayOf, distinct } from './columns';
import type { Database } from './database';
import type { LedgerKey } from './ledger-key';
import { againAfterDeadlock } from './transaction';

/** A person on the way into the ledger: what is known before anything is sent. Codes are of domain/delivery. */
export interface LedgerEntry {
  readonly rid: string;
  readonly zone: string;
  readonly zoneSource: number;
  readonly due: Instant;
  readonly adjusted: number | null;
}

/** Somebody to be claimed. */
export interface Wanted extends LedgerEntry {
  /** By which they are to be written to first. */
  readonly channel: ChannelName;
  /** Under which their address gets one message in this occurrence and step, as a UUID; null without an address. */
  readonly addressKey: string | null;
}

export interface Claim extends LedgerEntry, Begun {
  /** As in `Wanted`. */
  readonly addressKey: string | null;
  /** Where their message has come to; null when it begins anew. */
  readonly channel: ChannelName | null;
  /** Null is the first of the channel. */
  readonly provider: string | null;
  /** Attempts of owners before this one; one that may have been made counts. */
  readonly attempts: number;
  /** What owners before this one left: that its message may have been accepted, or that a person wants it again. */
  readonly reason: DeliveryReason | null;
  /** Steps of owners before, as far as they are recorded. */
  readonly trail: readonly Step[];
}

export interface Owner {
  /** A UUID of one attempt at one page: never used again. */
  readonly id: string;
  readonly leaseUntil: Instant;
}

/** By which count of the caps people are claimed. */
export interface CountedBy {
  readonly tenantId: number;
  readonly epoch: string;
}

/** What came of a try to claim people. */
export interface Claimed {
  /** How the schedule stood, in the same statement. */
  readonly status: string;
  readonly version: number;
  readonly claims: Claim[];
  /** Those who could not be claimed: they have a row already, or somebody else holds their address. */
  readonly lost: string[];
  /** Whether the count of the caps that they were admitted by still stood. */
  readonly count: 'stands' | 'replaced';
}

/**
 * Claims people: a row is inserted, or taken over when its lease ran out, and whoever gets it back sends. Nothing is
 * claimed while the schedule is paused or once it is over, nor for a version that the occurrence no longer delivers:
 * `status` and `version` say so. Nor is anybody who was erased since the page was read. Of several people with one
 * address one is claimed, whoever tries at the same time. With `countedBy`, nobody is claimed once that count is
 * replaced: its row is held meanwhile, so that whoever counts anew sees all claims of the count before.
 */
export async function claim(
  db: Database,
  scheduleId: string,
  key: LedgerKey & { readonly version: number },
  entries: readonly Wanted[],
  owner: Owner,
  now: Instant,
  countedBy: CountedBy | null = null,
): Promise<Claimed> {
  // Who inserts what another transaction is just inserting waits for it. All insert in one order, by address and then
  // by person, so that nobody waits in a ring; whoever has changed their address meanwhile may still close one.
  const placements = distinct(entries, placementKey);
  const parameters = [
    scheduleId,
    key.day,
    key.occurrenceId,
    key.step,
    arrayOf(placements.values.map(({ channel }) => CHANNEL_CODES[channel])),
    owner.id,
    timestamp(owner.leaseUntil),
    arrayOf(entries.map(({ rid }) => rid)),
    arrayOf(entries.map(({ addressKey }) => addressKey)),
    arrayOf(placements.positions),
    ...placementColumns(placements.values),
    key.version,
    countedBy?.tenantId ?? null,
    countedBy?.epoch ?? null,
  ];
  const { rows } = await againAfterDeadlock(() =>
    db.pool.query<{
      status: string;
      version: number | null;
      counts: boolean;
      lost: string[];
      passed_over: string[];
    }>(
      `with counted as (
       select 1 from cap_epoch where tenant_id = $16::int and epoch = $17::text for share
     ), standing as (
       select status, (select version from occurrence where id = $3::bigint) as version,
              ($17::text is null or exists (select 1 from counted)) as counts
         from schedule
        where id = $1
     ), wanted as (
       select w.*
         from unnest($8::bigint[], $9::uuid[], $10::smallint[]) as w (rid, address_key, placement), standing
        where standing.status in ('scheduled', 'running') and standing.version = $15::int and standing.counts
          and exists (select 1 from recipient r where r.rid = w.rid and r.erased_at is null)
        order by w.address_key, w.rid
     ), won as (
       insert into delivery (day, occurrence_id, step, rid, state, channel, adjusted, zone_source, zone, due,
                             owner, lease_until, address_key)
       select $2::date, $3::bigint, $4::text, w.rid, ${STATE_CODES.claimed}, ($5::smallint[])[w.placement],
              ($14::smallint[])[w.placement], ($12::smallint[])[w.placement], ($11::text[])[w.placement],
              ($13::timestamptz[])[w.placement], $6::uuid, $7::timestamptz, w.address_key
         from wanted w
       on conflict do nothing
       returning rid
     )
     select status, version, counts,
            array(select rid from wanted where rid not in (select rid from won)) as lost,
            array(select a.rid
                    from unnest($8::bigint[]) as a (rid)
                   where a.rid not in (select rid from wanted)) as passed_over
       from standing`,
      parameters,
    ),
  );
  const [answer] = rows;
  const lost = answer?.lost ?? [];
  const taken = lost.length === 0 ? [] : await takeOver(db, key, lost, owner, now);
  const takenRids = new Set(taken.map(({ rid }) => rid));
  const without = new Set([...lost, ...(answer?.passed_over ?? [])]);
  const won = answer === undefined ? [] : entries.filter(({ rid }) => !without.has(rid));
  return {
    status: answer?.status ?? 'unknown',
    version: answer?.version ?? key.version,
    claims: [
      ...won.map((entry): Claim => ({
        ...entry,
        provider: null,
        attempts: 0,
        reason: null,
        trail: NO_STEPS,
      })),
      ...taken,
    ],
    lost: lost.filter((rid) => !takenRids.has(rid)),
    count: answer?.counts === false ? 'replaced' : 'stands',
  };
}

const NO_STEPS: readonly Step[] = [];

/** People of one zone are due alike, and mostly on one channel: a page knows few placements. */
function placementKey({ channel, zone, zoneSource, due, adjusted }: Wanted): string {
  return `${channel} ${due} ${adjusted} ${zoneSource} ${zone}`;
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
    address_key: string | null;
    channel: number | null;
    provider: string | null;
    attempts: number;
    reason: number | null;
  }>(
    `with free as (
       select rid, channel, provider, owner is not null as owned
         from delivery
        where day = $1::date and occurrence_id = $2::bigint and step = $3::text and rid = any($5::bigint[])
          and state = ${STATE_CODES.claimed} and lease_until <= $7
        order by rid
          for update
     ), doubted as (
       insert into attempt (day, occurrence_id, step, rid, seq, channel, provider, at, result, reason)
       select $1::date, $2::bigint, $3::text, f.rid, ${stepsBefore('f.rid')} + 1, f.channel, f.provider, $7,
              ${STEP_CODES.unknown}, ${REASON_CODES['owner-lost']}
         from free f
        where f.owned
     )
     update delivery d
        set owner = $4::uuid, lease_until = $6, ${DOUBT_OWNER}
       from free
      where ${AMONG_CLAIMS} and d.rid = free.rid
     returning d.rid, d.zone, d.zone_source, d.due, d.adjusted, d.address_key, d.channel, d.provider, d.attempts,
               d.reason`,
    [key.day, key.occurrenceId, key.step, owner.id, rids, timestamp(owner.leaseUntil), timestamp(now)],
  );
  const trails = await readTrails(
    db,
    key,
    rows.map(({ rid }) => rid),
  );
  return rows.map(({ zone_source, due, address_key, channel, reason, ...row }) => ({
    ...row,
    zoneSource: zone_source,
    due: due.getTime(),
    addressKey: address_key,
    channel: channel === null ? null : channelOfCode(channel),
    reason: reasonOf(reason),
    trail: trails.get(row.rid) ?? [],
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
    `with held as (${HELD_BY_OWNER})
     update delivery d
        set lease_until = $6
       from held
      where ${AMONG_CLAIMS} and d.rid = held.rid
     returning d.rid`,
    [key.day, key.occurrenceId, key.step, owner.id, rids, timestamp(owner.leaseUntil)],
  );
  return rows.map(({ rid }) => rid);
}

/** A claim on its way back: how often it was attempted, null for not once, and whether the last was left unanswered. */
export interface Returned extends StepsOfPerson {
  readonly attempts: number | null;
  readonly doubt: Doubt | null;
}

/**
 * Gives claims back: nobody owns them and their lease ends now, so that the next attempt at the page takes them over
 * without waiting, and without a doubt but the one that is told.
 */
export async function giveBack(
  db: Database,
  key: LedgerKey,
  claims: readonly Returned[],
  ownerId: string,
  now: Instant,
): Promise<void> {
  const steps = stepColumns(claims);
  await db.pool.query(
    `with held as (${HELD_BY_OWNER})${steps === null ? '' : `, noted as (${noteSteps('held', 9)})`}
     update delivery d
        set owner = null, lease_until = $6, attempts = coalesce(c.attempts, d.attempts),
            reason = coalesce(c.reason, d.reason)
       from held
       join unnest($5::bigint[], $7::smallint[], $8::smallint[]) as c (rid, attempts, reason) on c.rid = held.rid
      where ${AMONG_CLAIMS} and d.rid = held.rid`,
    [
      key.day,
      key.occurrenceId,
      key.step,
      ownerId,
      claims.map(({ rid }) => rid),
      timestamp(now),
      claims.map(({ attempts }) => attempts),
      claims.map(({ doubt }) => (doubt === null ? null : REASON_CODES[doubt])),
      ...(steps ?? []),
    ],
  );
}

/**
 * Of a claim that still has an owner when its lease has run out nobody knows whether its message left: that owner
 * died, or was cut off. It counts as an attempt. One that was given back has no owner.
 */
const DOUBT_OWNER = `
            attempts = d.attempts + (d.owner is not null)::int,
            reason = case when d.owner is null then d.reason else ${REASON_CODES['owner-lost']} end`;

function reasonOf(code: number | null): DeliveryReason | null {
  return code === null ? null : reasonOfCode(code);
}

/**
 * Locks those of the claims $5 that are owner $4's, in the order of rid: a page lengthens leases, records and gives
 * back at the same time, and must not block itself for ever.
 */
export const HELD_BY_OWNER = `
       select rid
         from delivery
        where day = $1::date and occurrence_id = $2::bigint and step = $3::text and rid = any($5::bigint[])
          and state = ${STATE_CODES.claimed} and owner = $4::uuid
        order by rid
          for update`;

/**
 * For a statement that changes rows `d` of the claims $5, locked before. It says once more who they are: without the list the planner,
 * who knows nothing of a new partition, may read the whole occurrence to find them.
 */
export const AMONG_CLAIMS =
  'd.day = $1::date and d.occurrence_id = $2::bigint and d.step = $3::text and d.rid = any($5::bigint[])';

/** The columns of entries, as parameters of `unnest`. */
export function entryColumns(entries: readonly LedgerEntry[]): unknown[] {
  return [arrayOf(entries.map(({ rid }) => rid)), ...placementColumns(entries)];
}

function placementColumns(entries: readonly LedgerEntry[]): unknown[] {
  return [
    entries.map(({ zone }) => zone),
    entries.map(({ zoneSource }) => zoneSource),
    entries.map(({ due }) => timestamp(due)),
    entries.map(({ adjusted }) => adjusted),
  ];
}

let lastWritten: { at: Instant; text: string } | undefined;

/** People of a page are due at the same instant, and answered within the same few milliseconds: most are asked for again. */
export function timestamp(at: Instant): string {
  if (lastWritten?.at !== at) lastWritten = { at, text: new Date(at).toISOString() };
  return lastWritten.text;
}
