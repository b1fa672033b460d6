import { CHANNEL_CODES, storedProvider } from '../domain/delivery/channel';
import type { ChannelName } from '../domain/delivery/channel';
import { errorCode } from '../platform/error-code';
import { noteSteps, stepColumns } from './attempts';
import type { StepsOfPerson } from './attempts';
import type { Queries } from './database';
import { AMONG_CLAIMS, HELD_BY_OWNER } from './ledger';
import type { LedgerKey } from './ledger-key';
import { againAfterDeadlock, inTransaction, joining } from './transaction';

/** A claim whose message goes to another provider or channel, with what came of it before. */
export interface Rerouted extends StepsOfPerson {
  readonly channel: ChannelName;
  readonly provider: string;
  /** What their address on that channel is claimed by; null where it needs none. */
  readonly addressKey: string | null;
}

/** `held-up`: somebody else holds the address. `lost`: the claim is not the owner's any more. */
export type Rerouting = 'moved' | 'held-up' | 'lost';

const UNIQUE_VIOLATION = '23505';

/** Who holds an address at the same moment is seen the next time. */
const MOST_COLLISIONS = 10;

/**
 * Writes down who carries messages from here on, in one statement with the steps before, by rid. Whoever finds the
 * claim after a crash knows by whom a copy may have been accepted. The address that a claim held is free again.
 */
export async function reroute(
  db: Queries,
  key: LedgerKey,
  claims: readonly Rerouted[],
  ownerId: string,
): Promise<ReadonlyMap<string, Rerouting>> {
  const move = () => afterCollisions(db, (within) => rerouteOnce(within, key, claims, ownerId));
  // Within a transaction all of it is begun anew, by whoever began it.
  return db.transaction ? move() : againAfterDeadlock(move);
}

/** Each try is a part of a transaction that it joins: one that fails does not end it. */
async function afterCollisions<T>(db: Queries, work: (within: Queries) => Promise<T>): Promise<T> {
  for (let left = MOST_COLLISIONS; ; left -= 1) {
    try {
      return await inTransaction(db, (client) => work(joining(client)));
    } catch (error) {
      if (errorCode(error) !== UNIQUE_VIOLATION || left === 0) throw error;
    }
  }
}

async function rerouteOnce(
  db: Queries,
  key: LedgerKey,
  claims: readonly Rerouted[],
  ownerId: string,
): Promise<ReadonlyMap<string, Rerouting>> {
  const steps = stepColumns(claims);
  // Of several claims of one address the first moves. Who holds an address is found by delivery_address.
  const { rows } = await db.pool.query<{ rid: string; moved: boolean }>(
    `with held as (${HELD_BY_OWNER}
     ), wanted as (
       select held.rid, c.channel, c.provider, c.address_key,
              row_number() over (partition by c.address_key order by held.rid) as place
         from held
         join unnest($5::bigint[], $6::smallint[], $7::text[], $8::uuid[])
              as c (rid, channel, provider, address_key) on c.rid = held.rid
     ), moved as (
       update delivery d
          set channel = w.channel, provider = w.provider, address_key = w.address_key
         from wanted w
        where ${AMONG_CLAIMS} and d.rid = w.rid
          and (w.address_key is null
               or w.place = 1
                  and not exists (select 1
                                    from delivery h
                                   where h.day = $1::date and h.address_key = w.address_key and h.rid <> w.rid))
       returning d.rid
     )${steps === null ? '' : `, noted as (${noteSteps('moved', 9)})`}
     select held.rid, moved.rid is not null as moved
       from held
       left join moved on moved.rid = held.rid`,
    [
      key.day,
      key.occurrenceId,
      key.step,
      ownerId,
      claims.map(({ rid }) => rid),
      claims.map(({ channel }) => CHANNEL_CODES[channel]),
      claims.map(({ channel, provider }) => storedProvider(channel, provider)),
      claims.map(({ addressKey }) => addressKey),
      ...(steps ?? []),
    ],
  );
  const found = new Map(rows.map(({ rid, moved }) => [rid, moved]));
  return new Map(claims.map(({ rid }) => [rid, reroutingOf(found.get(rid))]));
}

function reroutingOf(moved: boolean | undefined): Rerouting {
  if (moved === undefined) return 'lost';
  return moved ? 'moved' : 'held-up';
}
