import { CHANNEL_CODES, storedProvider } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { STATE_CODES } from '../domain/delivery/state';
import type { Instant } from '../domain/time/instant';
import { noteSteps, stepColumns } from './attempts';
import type { StepsOfPerson } from './attempts';
import type { Database, Queries } from './database';
import { arrayOf, byRid, distinct } from './columns';
import { AMONG_CLAIMS, entryColumns, timestamp } from './ledger';
import type { LedgerEntry } from './ledger';
import type { LedgerKey } from './ledger-key';
import { againAfterDeadlock } from './transaction';

/** A final outcome of a claim. */
export interface Settlement extends StepsOfPerson {
  /** Which carried it, or would have. */
  readonly channel: ChannelName;
  /** Who was asked last; null when nobody was. */
  readonly provider: string | null;
  readonly state: number;
  readonly reason: number | null;
  readonly attempts: number;
  /** Locale of the variant that was rendered. */
  readonly locale: string | null;
  readonly settledAt: Instant;
}

/** A final outcome of somebody who was never claimed. */
export interface Refusal extends LedgerEntry {
  readonly channel: ChannelName;
  readonly state: number;
  readonly reason: number | null;
}

/** Whoever has these has, or may have, got the message: nobody else with that address is to get it. */
const KEEP_ADDRESS = [STATE_CODES.sent, STATE_CODES.unknown].join();

/**
 * Records outcomes of claims with the steps that led to them, counters included, in one statement. Only the owner
 * records: returns whose it was. Served by the primary key of one partition. The outcomes come as columns in the order
 * of rid, in which each row looks up its own: whatever the planner thinks of a new partition there is no join that it
 * could choose badly, and rows are locked in the order in which leases are lengthened.
 * @param slot spreads pages over rows of `counter`, readers sum.
 */
export async function settle(
  db: Queries,
  key: LedgerKey,
  slot: number,
  settlements: readonly Settlement[],
  ownerId: string,
): Promise<string[]> {
  const ordered = settlements.toSorted((a, b) => byRid(a.rid, b.rid));
  const locales = distinct(
    ordered.map(({ locale }) => locale),
    (locale) => locale,
  );
  const providers = distinct(
    ordered.map(({ channel, provider }) => storedProvider(channel, provider)),
    (provider) => provider,
  );
  const others = providers.values.some((provider) => provider !== null);
  const steps = stepColumns(settlements);
  const parameters = [
    key.day,
    key.occurrenceId,
    key.step,
    ownerId,
    arrayOf(ordered.map(({ rid }) => rid)),
    slot,
    arrayOf(ordered.map(({ channel }) => CHANNEL_CODES[channel])),
    arrayOf(ordered.map(({ state }) => state)),
    arrayOf(ordered.map(({ reason }) => reason ?? NO_REASON)),
    arrayOf(ordered.map(({ attempts }) => attempts)),
    locales.values,
    arrayOf(locales.positions),
    arrayOf(ordered.map(({ settledAt }) => timestamp(settledAt))),
    ...(others ? [providers.values, arrayOf(providers.positions)] : []),
    ...(steps ?? []),
  ];
  const { rows } = await againAfterDeadlock(() =>
    db.pool.query<{ lost: string[] }>(
      `with settled as (
       update delivery d
          set state = ${own('$8::smallint[]')}, reason = nullif(${own('$9::smallint[]')}, ${NO_REASON}),
              attempts = ${own('$10::smallint[]')}, locale = ($11::text[])[${own('$12::smallint[]')}],
              settled_at = ${own('$13::timestamptz[]')}, channel = ${own('$7::smallint[]')},
              provider = ${others ? `($14::text[])[${own('$15::smallint[]')}]` : 'null'},
              owner = null, lease_until = null,
              address_key = case when ${own('$8::smallint[]')} in (${KEEP_ADDRESS}) then d.address_key end
        where ${AMONG_CLAIMS} and d.state = ${STATE_CODES.claimed} and d.owner = $4::uuid
       returning d.rid, d.channel, d.provider, d.state
     ), counted as (${count('settled')}
     )${others ? `, carried as (${COUNT_OTHERS})` : ''}
     ${steps === null ? '' : `, noted as (${noteSteps('settled', others ? 16 : 14)})`}
     select array(select o.rid
                    from unnest($5::bigint[]) as o (rid)
                   where o.rid not in (select rid from settled)) as lost`,
      parameters,
    ),
  );
  const lost = new Set(rows[0]?.lost);
  return settlements.map(({ rid }) => rid).filter((rid) => !lost.has(rid));
}

/** No reason has this code. Without nulls the place of an element is found without a walk. */
const NO_REASON = -1;

/** A row's own element of a column that is in the order of $5. */
function own(column: string): string {
  return `(${column})[width_bucket(d.rid, $5::bigint[])]`;
}

/** Records people who are not to be sent to, counters included, in one statement; whoever has a row keeps it. */
export async function refuse(
  db: Database,
  key: LedgerKey,
  slot: number,
  refusals: readonly Refusal[],
  now: Instant,
): Promise<string[]> {
  // Inserted in the order of rid, and claimed in that of addresses: where two attempts at a page meet, one may be ended.
  const { rows } = await againAfterDeadlock(() =>
    db.pool.query<{ rid: string }>(
      `with refused as (
       insert into delivery (day, occurrence_id, step, rid, zone, zone_source, due, adjusted, state, reason, channel,
                             settled_at)
       select $1::date, $2::bigint, $3::text, o.rid, o.zone, o.zone_source, o.due, o.adjusted, o.state, o.reason,
              o.channel, $5::timestamptz
         from unnest($7::bigint[], $8::text[], $9::smallint[], $10::timestamptz[], $11::smallint[], $12::smallint[],
                     $4::smallint[], $13::smallint[])
              as o (rid, zone, zone_source, due, adjusted, state, reason, channel)
        order by o.rid
       on conflict (day, occurrence_id, step, rid) do nothing
       returning rid, channel, state
     ), counted as (${count('refused')})
     select rid from refused`,
      [
        key.day,
        key.occurrenceId,
        key.step,
        refusals.map(({ reason }) => reason),
        timestamp(now),
        slot,
        ...entryColumns(refusals),
        refusals.map(({ state }) => state),
        refusals.map(({ channel }) => CHANNEL_CODES[channel]),
      ],
    ),
  );
  return rows.map(({ rid }) => rid);
}

/** What others than the first provider of a channel carried, or failed with: the metrics tell providers apart. */
const COUNT_OTHERS = `insert into provider_total (channel, provider, state, slot, count)
       select channel, provider, state, $6::smallint, count(*)
         from settled
        where provider is not null and state in (${STATE_CODES.sent}, ${STATE_CODES.failed})
        group by channel, provider, state
        order by channel, provider, state
       on conflict (channel, provider, state, slot) do update
          set count = provider_total.count + excluded.count`;

/**
 * Occurrence and step are parameters 2 and 3, the slot 6.
 * Raised in the order of channel and state, so that pages that share a slot cannot block each other for ever.
 */
function count(outcomes: 'settled' | 'refused'): string {
  return `insert into counter (occurrence_id, step, variant, channel, state, slot, count)
       select $2::bigint, $3::text, '', channel, state, $6::smallint, count(*)
         from ${outcomes}
        group by channel, state
        order by channel, state
       on conflict (occurrence_id, step, variant, channel, state, slot) do update
          set count = counter.count + excluded.count`;
}
