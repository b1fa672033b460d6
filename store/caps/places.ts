import type { CapReason } from '../../domain/caps/judge';
import type { CapLimits, CapWindow } from '../../domain/caps/rule';
import type { CapSpans } from '../../domain/caps/spans';
import type { Instant } from '../../domain/time/instant';
import { breakCapEpoch, readCapEpoch } from './epoch';
import { createRebuild } from './rebuild';
import type { RebuildDeps } from './rebuild';
import { createRedisScript, RedisUnavailableError } from '../redis-script';
import { GIVE_BACK, LIFE_SECONDS, TAKE } from './scripts';
import { addressOf, placeIdText, stampText } from './shards';
import type { PlaceId } from './shards';
import { groupByShard } from './shard-calls';
import type { ShardCall } from './shard-calls';

/** A person who is to get a message. */
export interface Wanted {
  readonly rid: string;
  readonly due: Instant;
  readonly spans: CapSpans;
}

export interface PlaceRequest {
  readonly id: PlaceId;
  readonly window: CapWindow;
  readonly limits: CapLimits;
  readonly people: readonly Wanted[];
}

export type Taken =
  /** Everybody but those refused has a place, until it is given back. `epoch` is what to claim them under. */
  | { readonly kind: 'taken'; readonly epoch: string; readonly refused: ReadonlyMap<string, CapReason> }
  /** Somebody is counting anew what Redis lost: ask again. */
  | { readonly kind: 'counting' }
  | { readonly kind: 'away'; readonly error: Error };

/**
 * Places under the caps of a tenant's people, kept in Redis, each for one message (semantics.md "Caps"). Whoever takes
 * one again under the same id has it already.
 */
export interface Places {
  /** Judges and takes, day and week at once, in one call a shard. */
  take(tenantId: number, request: PlaceRequest): Promise<Taken>;
  /** For messages that were certainly never accepted. What cannot be told to Redis stays taken: that is no harm. */
  giveBack(tenantId: number, id: PlaceId, rids: readonly string[]): Promise<void>;
  /** Notes that messages go out uncounted; the epoch to claim them under. */
  goUncounted(tenantId: number): Promise<string>;
  /** The epoch that was used last does not hold any more. */
  outdated(tenantId: number): void;
}

const REFUSALS: Readonly<Record<string, CapReason | undefined>> = { 1: 'cap-day', 2: 'cap-week' };

/** Redis may be emptied again while it is asked; more often than this in a row it counts as away. */
const MOST_EPOCHS = 3;

/** Tenants that one process counts anew at once: each needs two connections to Postgres meanwhile. */
const MOST_REBUILDS = 4;

export function createPlaces(deps: RebuildDeps): Places {
  const { db, redis, newEpoch } = deps;
  const take = createRedisScript(redis, TAKE);
  const giveBack = createRedisScript(redis, GIVE_BACK);
  const rebuild = createRebuild(deps);
  const epochs = new Map<number, string>();
  const rebuilding = new Map<number, Promise<string | null>>();

  /** One at a time for a tenant, whoever of this process asks. */
  function countAnew(tenantId: number, outdated: string | null): Promise<string | null> {
    const running = rebuilding.get(tenantId);
    if (running) return running;
    if (rebuilding.size >= MOST_REBUILDS) return Promise.resolve(null);
    const started = rebuild(tenantId, outdated).finally(() => rebuilding.delete(tenantId));
    rebuilding.set(tenantId, started);
    return started;
  }

  async function currentEpoch(tenantId: number): Promise<string | null> {
    const known = epochs.get(tenantId);
    if (known !== undefined) return known;
    const current = await readCapEpoch(db, tenantId);
    return current?.whole === true ? current.epoch : countAnew(tenantId, current?.epoch ?? null);
  }

  /** Undefined when there is none, or Postgres does not say. */
  async function lastEpoch(tenantId: number): Promise<string | undefined> {
    const current = await readCapEpoch(db, tenantId).catch(() => null);
    return current?.epoch;
  }

  /** Null when one of the shards is not counted. */
  async function askAll(
    tenantId: number,
    epoch: string,
    request: PlaceRequest,
  ): Promise<ReadonlyMap<string, CapReason> | null> {
    const calls = groupByShard(tenantId, epoch, request.people, ({ rid }) => addressOf(rid));
    const answers = await Promise.all(
      calls.map((call) => take([call.marker, ...call.buckets], argumentsOf(request, call))),
    );
    const refused = new Map<string, CapReason>();
    for (const [index, { people }] of calls.entries()) {
      const answer = answers[index];
      if (typeof answer !== 'string') return null;
      for (const [position, { of }] of people.entries()) {
        const reason = REFUSALS[answer[position] ?? ''];
        if (reason !== undefined) refused.set(of.rid, reason);
      }
    }
    return refused;
  }

  return {
    async take(tenantId, request) {
      try {
        let epoch = await currentEpoch(tenantId);
        for (let tries = 0; tries < MOST_EPOCHS; tries += 1) {
          if (epoch === null) return { kind: 'counting' };
          const refused = await askAll(tenantId, epoch, request);
          if (refused !== null) {
            epochs.set(tenantId, epoch);
            return { kind: 'taken', epoch, refused };
          }
          epochs.delete(tenantId);
          epoch = await countAnew(tenantId, epoch);
        }
        return { kind: 'counting' };
      } catch (error) {
        if (error instanceof RedisUnavailableError) return { kind: 'away', error };
        throw error;
      }
    },
    async giveBack(tenantId, id, rids) {
      if (rids.length === 0) return;
      const epoch = epochs.get(tenantId) ?? (await lastEpoch(tenantId));
      if (epoch === undefined) return;
      const calls = groupByShard(tenantId, epoch, rids, addressOf);
      await Promise.allSettled(
        calls.map(({ buckets, people }) =>
          giveBack(buckets, [placeIdText(id), ...people.flatMap(({ bucket, field }) => [bucket, field])]),
        ),
      );
    },
    goUncounted(tenantId) {
      epochs.delete(tenantId);
      return breakCapEpoch(db, tenantId, newEpoch());
    },
    outdated: (tenantId) => epochs.delete(tenantId),
  };
}

/** As `TAKE` of scripts.ts reads them: what people share is said once. */
function argumentsOf({ id, window, limits }: PlaceRequest, call: ShardCall<Wanted>): (string | number)[] {
  const spans = new Map<string, number>();
  const spanNumbers = call.people.map(({ of }) => {
    const text = spanText(of);
    const number = spans.get(text) ?? spans.size + 1;
    spans.set(text, number);
    return number;
  });
  return [
    LIFE_SECONDS,
    limits.perDay ?? -1,
    limits.perWeek ?? -1,
    window,
    placeIdText(id),
    spans.size,
    ...[...spans.keys()].flatMap((text) => text.split(' ')),
    ...call.people.flatMap(({ bucket, field }, index) => [bucket, field, spanNumbers[index] ?? 0]),
  ];
}

function spanText({ due, spans }: Wanted): string {
  switch (spans.kind) {
    case 'rolling':
      return `${stampText(due)} 0 0 0 0`;
    case 'calendar':
      return `${stampText(due)} ${spans.day.from} ${spans.day.to} ${spans.week.from} ${spans.week.to}`;
  }
}
