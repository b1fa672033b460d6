import { mastersOf } from '../../platform/redis';
import type { RedisClient } from '../../platform/redis';
import type { Instant } from '../../domain/time/instant';
import type { Database } from '../database';
import { inTransaction } from '../transaction';
import { readCounted } from './counted';
import type { CountedMessage } from './counted';
import { beginCapEpoch, forgetCapEpochs, readCapEpoch } from './epoch';
import { createRedisScript, RedisUnavailableError } from '../redis-script';
import { BEGIN, FINISH, KEPT_FOR, LIFE_SECONDS, RESTORE } from './scripts';
import { addressOf, CAP_SHARDS, markerKey, placeIdText, stampText } from './shards';
import { groupByShard } from './shard-calls';

/** Any number, so long as everybody who counts anew takes the same lock; the second key is the tenant. */
const REBUILD_LOCK = 7_233_003;

export interface RebuildDeps {
  readonly db: Database;
  readonly redis: RedisClient;
  readonly clock: () => Instant;
  /** A text of lower-case letters and digits that was never used before. */
  readonly newEpoch: () => string;
}

/**
 * Counts a tenant's messages anew, from the ledger into keys of a new epoch, unless somebody else has done so since
 * `outdated` was found wanting. Returns the epoch that holds; null while somebody else is counting.
 * @throws RedisUnavailableError when Redis goes away, or is emptied, meanwhile.
 */
export function createRebuild({ db, redis, clock, newEpoch }: RebuildDeps) {
  const begin = createRedisScript(redis, BEGIN);
  const restore = createRedisScript(redis, RESTORE);
  const finish = createRedisScript(redis, FINISH);

  async function onEveryShard(tenantId: number, epoch: string, run: typeof begin): Promise<void> {
    const markers = Array.from({ length: CAP_SHARDS }, (_, shard) => markerKey(tenantId, shard, epoch));
    const answers = await Promise.all(markers.map((marker) => run([marker], [LIFE_SECONDS])));
    if (answers.includes(null)) throw lost();
  }

  async function write(tenantId: number, epoch: string, messages: readonly CountedMessage[]): Promise<void> {
    const calls = groupByShard(tenantId, epoch, messages, ({ rid }) => addressOf(rid));
    const answers = await Promise.all(
      calls.map(({ marker, buckets, people }) =>
        restore(
          [marker, ...buckets],
          [
            LIFE_SECONDS,
            ...people.flatMap(({ bucket, field, of }) => [
              bucket,
              field,
              `${stampText(of.due)}.${placeIdText(of)}`,
            ]),
          ],
        ),
      ),
    );
    if (answers.includes(null)) throw lost();
  }

  /** What epochs left behind would go by itself, in days. */
  async function sweep(tenantId: number, epochs: readonly string[]): Promise<void> {
    for (const epoch of epochs) {
      for (const node of mastersOf(redis)) {
        const found = node.scanStream({ match: `{cap:${tenantId}:*}:${epoch}*`, count: 1_000 });
        for await (const keys of found as AsyncIterable<string[]>) {
          await Promise.all(keys.map((key) => node.unlink(key)));
        }
      }
    }
    await forgetCapEpochs(db, tenantId, epochs);
  }

  return (tenantId: number, outdated: string | null): Promise<string | null> =>
    inTransaction(db, async (client) => {
      const { rows } = await client.query<{ locked: boolean }>(
        'select pg_try_advisory_xact_lock($1, $2) as locked',
        [REBUILD_LOCK, tenantId],
      );
      if (rows[0]?.locked !== true) return null;
      // Not within this transaction, which would keep a lock on the table from the statement that begins the epoch.
      const before = await readCapEpoch(db, tenantId);
      if (before?.whole === true && before.epoch !== outdated) return before.epoch;

      const epoch = newEpoch();
      await onEveryShard(tenantId, epoch, begin);
      // On a connection of its own: it has to be seen by those who claim, before the ledger is read.
      const leftBehind = await beginCapEpoch(db, tenantId, epoch);
      for await (const messages of readCounted(client, tenantId, clock() - KEPT_FOR)) {
        await write(tenantId, epoch, messages);
      }
      await onEveryShard(tenantId, epoch, finish);
      await sweep(tenantId, leftBehind).catch(() => undefined);
      return epoch;
    });
}

function lost(): RedisUnavailableError {
  return new RedisUnavailableError('Redis was emptied or started again while places were counted anew');
}
