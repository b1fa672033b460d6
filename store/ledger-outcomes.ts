import { CHANNEL_CODES, storedProvider } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { STATE_CODES } from '../domain/delivery/state';
import type { Instant } from '../domain/time/instant';
import { noteSteps, stepColumns } from './attempts';
import type { StepsOfPerson } from './attempts';
import type { Database, Queries } from './database';
import { AMONG_CLAIMS, entryColumns, HELD_BY_OWNER, timestamp } from './ledger';
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
 * records: returns whose it was. @param slot spreads pages over rows of `counter`, readers sum.
 */
export async function settle(
  db: Queries,
  key: LedgerKey,
  slot: number,
  settlements: readonly Settlement[],
  ownerId: string,
): Promise<string[]> {
  const steps = stepColumns(settlements);
  const providers = settlements.map(({ channel, provider }) => storedProvider(channel, provider));
  const others = providers.some((provider) => provider !== null);
  const { rows } = await db.pool.query<{ rid: string }>(
    `with held as (${HELD_BY_OWNER}
     ), settled as (
       update delivery d
          set state = o.state, reason = o.reason, attempts = o.attempts, locale = o.locale, settled_at = o.settled_at,
              channel = o.channel, provider = o.provider, owner = null, lease_until = null,
              address_key = case when o.state in (${KEEP_ADDRESS}) then d.address_key end
         from held
         join unnest($5::bigint[], $7::smallint[], $8::smallint[], $9::smallint[], $10::text[], $11::timestamptz[],
                     $12::smallint[], $13::text[])
              as o (rid, state, reason, attempts, locale, settled_at, channel, provider) on o.rid = held.rid
        where ${AMONG_CLAIMS} and d.rid = held.rid
       returning d.rid, d.channel, d.provider, d.state
     ), counted as (${count('settled')}
     )${others ? `, carried as (${COUNT_OTHERS})` : ''}${steps === null ? '' : `, noted as (${noteSteps('settled', 14)})`}
     select rid from settled`,
    [
      key.day,
      key.occurrenceId,
      key.step,
      ownerId,
      settlements.map(({ rid }) => rid),
      slot,
      settlements.map(({ state }) => state),
      settlements.map(({ reason }) => reason),
      settlements.map(({ attempts }) => attempts),
      settlements.map(({ locale }) => locale),
      settlements.map(({ settledAt }) => timestamp(settledAt)),
      settlements.map(({ channel }) => CHANNEL_CODES[channel]),
      providers,
      ...(steps ?? []),
    ],
  );
  return rows.map(({ rid }) => rid);
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
