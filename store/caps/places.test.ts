import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { judgeCap } from '../../domain/caps/judge';
import type { CapLimits } from '../../domain/caps/rule';
import type { CapSpans } from '../../domain/caps/spans';
import { STATE_CODES } from '../../domain/delivery/state';
import { messageStep } from '../../domain/messages/message-id';
import { MESSAGE_QUEUES } from '../../domain/messages/queue';
import { DAY, HOUR, MINUTE } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { RedisClient } from '../../platform/redis';
import { freshDatabase } from '../../test/database';
import type { FreshDatabase } from '../../test/database';
import { eventually } from '../../test/eventually';
import { openHouse } from '../../temporal-dev/house/house';
import type { House } from '../../temporal-dev/house/house';
import { seedMessages } from '../../test/messages';
import { connectedRedis, placesOver } from '../../test/places';
import { startRedis, startRedisCluster } from '../../test/redis-servers';
import type { OwnRedis } from '../../test/redis-servers';
import { openDatabase } from '../database';
import type { Database } from '../database';
import { claimMessages } from '../messages/claim';
import { pickReady } from '../messages/pick';
import type { ReadyMessage } from '../messages/pick';
import { settleMessages } from '../messages/settle';
import { ensureDeliveryPartition } from '../partitions';
import type { Places, PlaceRequest, Taken } from './places';

const NINE = Date.parse('2026-12-01T09:00:00Z');
const TENANT = 1;
const rolling: CapSpans = { kind: 'rolling' };

let house: House;
let fresh: FreshDatabase;
let db: Database;
let server: OwnRedis;
let redis: RedisClient;
let occurrences = 1_000_000;

beforeAll(async () => {
  house = openHouse();
  [fresh, server] = await Promise.all([freshDatabase(), startRedis(house)]);
  db = openDatabase(fresh.url);
  redis = await connectedRedis(server.url);
  await ensureDeliveryPartition(db, '2026-12-01');
  await db.pool.query(
    `insert into schedule (id, tenant_id, name, schedule_type, channel, status, created_by)
     values ('marketing', 1, 'S', 'once', 'noop', 'running', 't'), ('transactional', 1, 'S', 'once', 'noop', 'running', 't')`,
  );
  await db.pool.query(
    `insert into schedule_version (schedule_id, version, config, created_by)
     select c, 1, jsonb_build_object('category', c), 't' from unnest(array['marketing', 'transactional']) as c`,
  );
});

afterAll(async () => {
  redis.disconnect();
  server.client.disconnect();
  await db.close();
  await fresh.drop();
  await house.close();
});

beforeEach(() =>
  db.pool.query('truncate cap_epoch, delivery, occurrence, pending_message, recipient cascade'),
);

/** A process of its own over the same servers. */
const process = (client: RedisClient = redis): Places => placesOver(db, client, () => NINE);

const nextOccurrence = (): string => String((occurrences += 1));

function request(
  rids: readonly string[],
  more: Partial<PlaceRequest> & { due?: Instant } = {},
): PlaceRequest {
  const { due = NINE, ...rest } = more;
  return {
    id: { occurrenceId: nextOccurrence(), step: '' },
    window: 'rolling',
    limits: { perDay: 1, perWeek: 10 },
    people: rids.map((rid) => ({ rid, due, spans: rolling })),
    ...rest,
  };
}

async function pickAll(now: Instant): Promise<ReadyMessage[]> {
  const picked = await Promise.all(MESSAGE_QUEUES.map((queue) => pickReady(db, queue, now, 99)));
  return picked.flat();
}

function placeIdOf(message: ReadyMessage | undefined) {
  if (!message) throw new Error('There is no such message.');
  return { occurrenceId: message.containerId, step: messageStep(message.id) };
}

function refusedOf(taken: Taken): [string, string][] {
  if (taken.kind !== 'taken') throw new Error(`Nothing was taken: ${taken.kind}`);
  return [...taken.refused];
}

const limit = (max: number): fc.Arbitrary<number | null> =>
  fc.option(fc.integer({ min: 1, max }), { nil: null });

const people = (count: number, from = 1, apart = 1): string[] =>
  Array.from({ length: count }, (_, index) => String(from + index * apart));

/** Writes a message into the ledger as a claim would leave it. */
async function record(
  rids: readonly string[],
  state: number,
  schedule: 'marketing' | 'transactional' = 'marketing',
  due: Instant = NINE,
): Promise<string> {
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
     values (1, $1, 1, $2, '2026-12-01', 'open', now()) returning id`,
    [schedule, nextOccurrence()],
  );
  await db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, zone_source, zone, due)
     select '2026-12-01', $1, rid, $2, 0, 'UTC', $3 from unnest($4::bigint[]) as rid`,
    [rows[0]?.id, state, new Date(due), rids],
  );
  return rows[0]?.id ?? '';
}

describe('places under the caps', () => {
  it('are taken by one of two messages at one instant, and the other is told which cap', async () => {
    const places = process();
    expect(refusedOf(await places.take(TENANT, request(['1', '2'])))).toEqual([]);
    expect(refusedOf(await places.take(TENANT, request(['2', '3'])))).toEqual([['2', 'cap-day']]);
    const week = request(['1'], { limits: { perDay: null, perWeek: 1 }, due: NINE + DAY });
    expect(refusedOf(await places.take(TENANT, week))).toEqual([['1', 'cap-week']]);
  });

  it('are one for each person however many processes take them at once', async () => {
    const rids = people(3_000);
    const both = [process(), process(), process()];
    await both[0]?.take(TENANT, request(['9000000']));
    const batches = rids.flatMap((_, index) => (index % 100 === 0 ? [rids.slice(index, index + 100)] : []));
    const refused = await Promise.all(
      both.flatMap((places) => {
        const id = { occurrenceId: nextOccurrence(), step: '' };
        return batches.map(async (batch) => refusedOf(await places.take(TENANT, request(batch, { id }))));
      }),
    );
    const times = new Map<string, number>();
    for (const [rid] of refused.flat()) times.set(rid, (times.get(rid) ?? 0) + 1);
    expect([...times.values()]).toEqual(rids.map(() => 2));
  });

  it('are taken once by a message that asks again', async () => {
    const places = process();
    const once = request(['1'], { limits: { perDay: 2, perWeek: 10 } });
    await places.take(TENANT, once);
    expect(refusedOf(await places.take(TENANT, once))).toEqual([]);
    const limits = { perDay: 2, perWeek: 10 };
    expect(refusedOf(await places.take(TENANT, request(['1'], { limits })))).toEqual([]);
    expect(refusedOf(await places.take(TENANT, request(['1'], { limits })))).toEqual([['1', 'cap-day']]);
    expect(refusedOf(await places.take(TENANT, once))).toEqual([]);
  });

  it('differ by step', async () => {
    const places = process();
    const occurrenceId = nextOccurrence();
    await places.take(TENANT, request(['1'], { id: { occurrenceId, step: 'hello' } }));
    const other = request(['1'], { id: { occurrenceId, step: 'goodbye' } });
    expect(refusedOf(await places.take(TENANT, other))).toEqual([['1', 'cap-day']]);
  });

  it('come back, and nobody else loses theirs', async () => {
    const places = process();
    const first = request(['1', '2']);
    await places.take(TENANT, first);
    await places.giveBack(TENANT, { occurrenceId: '77', step: '' }, ['2']);
    await places.giveBack(TENANT, first.id, ['1']);
    expect(refusedOf(await places.take(TENANT, request(['1', '2'])))).toEqual([['2', 'cap-day']]);
  });

  it('come back from a process that took none itself', async () => {
    const first = request(['1']);
    await process().take(TENANT, first);
    await process().giveBack(TENANT, first.id, ['1']);
    expect(refusedOf(await process().take(TENANT, request(['1'])))).toEqual([]);
  });

  it('are counted where there is no cap, for the caps of others', async () => {
    const places = process();
    const uncapped = { limits: { perDay: null, perWeek: null } };
    for (let times = 0; times < 5; times += 1) {
      expect(refusedOf(await places.take(TENANT, request(['1'], uncapped)))).toEqual([]);
    }
    const limits = { perDay: 5, perWeek: 10 };
    expect(refusedOf(await places.take(TENANT, request(['1'], { limits })))).toEqual([['1', 'cap-day']]);
  });

  it('belong to a tenant', async () => {
    const places = process();
    await places.take(TENANT, request(['1']));
    expect(refusedOf(await places.take(2, request(['1'])))).toEqual([]);
  });

  it('are judged as the arithmetic judges, in any order and by either window', async () => {
    const places = process();
    const hour = fc.integer({ min: 0, max: 6 * 24 });
    const message = fc.record({ hour, window: fc.constantFrom('rolling' as const, 'calendar' as const) });
    let rid = 50_000;
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 25 }),
        fc.record({ perDay: limit(3), perWeek: limit(8) }),
        async (messages, limits: CapLimits) => {
          rid += 1;
          const sent: Instant[] = [];
          for (const { hour: hours, window } of messages) {
            const due = NINE + hours * HOUR + (hours % 3) * MINUTE;
            const spans = spansOf(window, due);
            const expected = judgeCap(sent, due, limits, spans);
            const wanted = { rid: String(rid), due, spans };
            const answer = await places.take(TENANT, request([], { window, limits, people: [wanted] }));
            expect(refusedOf(answer)).toEqual(expected === null ? [] : [[String(rid), expected]]);
            if (expected === null) sent.push(due);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cost at most 60 bytes a person with three messages', async () => {
    const places = process();
    await places.take(TENANT, request(['1']));
    const limits = { perDay: null, perWeek: null };
    const before = await usedMemory(server);
    const rids = people(20_000, 100_000);
    for (let times = 0; times < 3; times += 1) {
      const id = { occurrenceId: nextOccurrence(), step: '' };
      for (let from = 0; from < rids.length; from += 500) {
        await places.take(
          TENANT,
          request(rids.slice(from, from + 500), { id, limits, due: NINE + times * HOUR }),
        );
      }
    }
    const perPerson = ((await usedMemory(server)) - before) / rids.length;
    expect(perPerson).toBeLessThan(60);
  });
});

function spansOf(window: 'rolling' | 'calendar', due: Instant): CapSpans {
  if (window === 'rolling') return rolling;
  const from = due - (due % DAY);
  const monday = Date.parse('2026-11-30T00:00:00Z');
  const week = monday + Math.floor((due - monday) / (7 * DAY)) * 7 * DAY;
  return { kind: 'calendar', day: { from, to: from + DAY }, week: { from: week, to: week + 7 * DAY } };
}

async function usedMemory({ client }: OwnRedis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
}

describe('a Redis that lost what it knew', () => {
  it('is told again what the ledger knows, before anybody takes a place', async () => {
    await record(['1'], STATE_CODES.sent);
    await record(['2'], STATE_CODES.claimed);
    await record(['3'], STATE_CODES.unknown);
    await record(['4'], STATE_CODES.failed);
    await record(['5'], STATE_CODES.sent, 'transactional');
    await record(['6'], STATE_CODES.sent, 'marketing', NINE - 8 * DAY);
    const taken = await process().take(TENANT, request(people(6), { limits: { perDay: 1, perWeek: 1 } }));
    expect(refusedOf(taken).map(([rid]) => rid)).toEqual(['1', '2', '3']);
  });

  it('is told of individual messages that were sent or are in flight, and not of those that wait', async () => {
    const about = [
      { rid: '1', due: NINE },
      { rid: '2', due: NINE },
      { rid: '3', due: NINE },
      { rid: '4', due: NINE, category: 'transactional' },
    ];
    const ids = await seedMessages(db, about);
    const ready = await pickAll(NINE);
    const owner = { id: randomUUID(), leaseUntil: NINE + MINUTE };
    await db.pool.query(`insert into recipient (rid, tenant_id) select unnest('{1,2,3,4}'::bigint[]), 1`);
    const claimed = ready.filter(({ id }) => id !== ids[2]);
    await claimMessages(db, claimed, owner, NINE, null);
    const sent = {
      state: STATE_CODES.sent,
      reason: null,
      attempts: 1,
      locale: null,
      provider: null,
      channel: 'noop' as const,
      steps: [],
    };
    await settleMessages(db, [{ ...sent, id: ids[0] ?? '', settledAt: NINE }], owner.id, 0);

    const taken = await process().take(TENANT, request(people(4)));
    expect(refusedOf(taken).map(([rid]) => rid)).toEqual(['1', '2']);
    // The one that is in flight has its place already, under its own id.
    const [, inFlight] = ids;
    const id = placeIdOf(ready.find((one) => one.id === inFlight));
    expect(refusedOf(await process().take(TENANT, request(['2'], { id })))).toEqual([]);
  });

  it('is noticed when it was emptied in the middle', async () => {
    const [places, other] = [process(), process()];
    const taken = await places.take(TENANT, request(['1']));
    await other.take(TENANT, request(['2']));
    const id = await record(['1'], STATE_CODES.claimed);
    await server.client.flushall();
    expect(refusedOf(await other.take(TENANT, request(['1', '2'])))).toEqual([['1', 'cap-day']]);
    expect(refusedOf(await places.take(TENANT, request(['1', '2'])))).toEqual([
      ['1', 'cap-day'],
      ['2', 'cap-day'],
    ]);
    // The message itself has its place under the key of the ledger.
    const again = request(['1'], { id: { occurrenceId: id, step: '' } });
    const answer = await places.take(TENANT, again);
    expect(refusedOf(answer)).toEqual([]);
    expect(taken.kind === 'taken' && answer.kind === 'taken' && answer.epoch !== taken.epoch).toBe(true);
  });

  it('is noticed when it came back with an older state', async () => {
    const places = process();
    await places.take(TENANT, request(['1']));
    await server.client.save();
    await places.take(TENANT, request(['2']));
    await record(['2'], STATE_CODES.sent);
    await server.kill();
    expect((await places.take(TENANT, request(['3']))).kind).toBe('away');
    await server.start();
    const again = await eventually('Redis is there again', async () => {
      const taken = await places.take(TENANT, request(['1', '2']));
      return taken.kind === 'taken' && taken;
    });
    // Nothing was ever claimed under the place that only the old state knows.
    expect(refusedOf(again)).toEqual([['2', 'cap-day']]);
  });

  it('is counted anew by one process while others wait', async () => {
    await record(people(4_000), STATE_CODES.sent);
    const all = Array.from({ length: 4 }, () => process());
    await server.client.flushall();
    const first = await Promise.all(all.map((places) => places.take(TENANT, request(people(50)))));
    expect(first.filter(({ kind }) => kind === 'taken').length).toBeGreaterThan(0);
    const later = await Promise.all(
      all.map((places) =>
        eventually('it was counted', async () => {
          const taken = await places.take(TENANT, request(people(50)));
          return taken.kind === 'taken' && taken;
        }),
      ),
    );
    expect(later.map((taken) => refusedOf(taken).length)).toEqual([50, 50, 50, 50]);
    expect(new Set(later.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it('keeps nothing of the epoch before', async () => {
    const places = process();
    const taken = await places.take(TENANT, request(['1', '5000']));
    if (taken.kind !== 'taken') throw new Error(taken.kind);
    await places.goUncounted(TENANT);
    await places.take(TENANT, request(['1']));
    expect(await server.client.keys(`*${taken.epoch}*`)).toEqual([]);
  });

  it('is counted anew after messages went out while it was away', async () => {
    const places = process();
    const taken = await places.take(TENANT, request(['1']));
    const uncounted = await places.goUncounted(TENANT);
    expect(await process().goUncounted(TENANT)).toBe(uncounted);
    await record(['2'], STATE_CODES.claimed);
    const after = await process().take(TENANT, request(['2']));
    expect(refusedOf(after)).toEqual([['2', 'cap-day']]);
    expect(taken.kind === 'taken' && after.kind === 'taken' && after.epoch !== taken.epoch).toBe(true);
  });
});

describe('a Redis Cluster', () => {
  let nodes: readonly OwnRedis[];
  let cluster: RedisClient;

  beforeAll(async () => {
    nodes = await startRedisCluster(house);
    cluster = await connectedRedis(nodes[0]?.url ?? '', 'cluster');
  });

  afterAll(() => {
    cluster.disconnect();
    for (const { client } of nodes) client.disconnect();
  });

  it('serves shards from all of its nodes', async () => {
    const places = process(cluster);
    const rids = people(2_000, 1, 10);
    const id = { occurrenceId: nextOccurrence(), step: '' };
    for (let from = 0; from < rids.length; from += 500) {
      const batch = rids.slice(from, from + 500);
      expect(refusedOf(await places.take(TENANT, request(batch, { id })))).toEqual([]);
    }
    for (const { client } of nodes) expect(await client.dbsize()).toBeGreaterThan(10);
    expect(refusedOf(await process(cluster).take(TENANT, request(rids)))).toHaveLength(2_000);
    await places.giveBack(TENANT, id, rids);
    expect(refusedOf(await places.take(TENANT, request(rids)))).toEqual([]);
  });

  it('is counted anew when one of its nodes lost what it knew', async () => {
    const rids = people(2_000, 1, 10);
    const places = process(cluster);
    const id = await record(rids, STATE_CODES.sent);
    const first = await places.take(TENANT, request(rids, { id: { occurrenceId: id, step: '' } }));
    expect(refusedOf(first)).toEqual([]);
    await nodes[1]?.client.flushall();
    expect(refusedOf(await places.take(TENANT, request(rids)))).toHaveLength(2_000);
  });
});
