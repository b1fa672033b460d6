import { bucketKey, markerKey } from './shards';
import type { PlaceAddress } from './shards';

/** What one call of a script is about: people of one shard. */
export interface ShardCall<T> {
  readonly marker: string;
  /** Keys of the hashes that the call touches, each once. */
  readonly buckets: readonly string[];
  readonly people: readonly {
    readonly of: T;
    /** Which of `buckets`, from 1: Lua counts so. */
    readonly bucket: number;
    readonly field: string;
  }[];
}

/** Puts people into as few calls as there are shards among them, each in the order given. */
export function groupByShard<T>(
  tenantId: number,
  epoch: string,
  people: readonly T[],
  addressOf: (one: T) => PlaceAddress,
): ShardCall<T>[] {
  const shards = new Map<
    number,
    { buckets: Map<string, number>; people: ShardCall<T>['people'][number][] }
  >();
  for (const of of people) {
    const { shard, bucket, field } = addressOf(of);
    const call = shards.get(shard) ?? { buckets: new Map<string, number>(), people: [] };
    shards.set(shard, call);
    const number = call.buckets.get(bucket) ?? call.buckets.size + 1;
    call.buckets.set(bucket, number);
    call.people.push({ of, bucket: number, field });
  }
  return [...shards].map(([shard, call]) => {
    const marker = markerKey(tenantId, shard, epoch);
    const buckets = [...call.buckets.keys()].map((bucket) => bucketKey(marker, bucket));
    return { marker, buckets, people: call.people };
  });
}
