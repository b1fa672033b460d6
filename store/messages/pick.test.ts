import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import { MESSAGE_QUEUES, URGENT_QUEUE } from '../../domain/messages/queue';
import type { MessageQueue } from '../../domain/messages/queue';
import { HOUR, MINUTE } from '../../domain/time/instant';
import { freshDatabase } from '../../test/database';
import type { FreshDatabase } from '../../test/database';
import { seedMessages } from '../../test/messages';
import { openDatabase } from '../database';
import type { Database } from '../database';
import { pickReady } from './pick';
import { nextReadyAt, waitingQueues } from './readiness';

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
});

beforeEach(async () => {
  await db.pool.query('truncate pending_message');
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const NINE = Date.parse('2031-12-01T09:00:00Z');
const shard: MessageQueue = { kind: 'shard', shard: 7 };

const pick = async (queue: MessageQueue, limit: number): Promise<string[]> =>
  (await pickReady(db, queue, NINE, limit)).map(({ id }) => id);

describe('what is picked of a queue', () => {
  it('is what is due, oldest first, and nothing of another shard or later', async () => {
    const [late, due, , , older] = await seedMessages(db, [
      { shard: 7, due: NINE - 1 },
      { shard: 7, due: NINE },
      { shard: 7, due: NINE + 1 },
      { shard: 8, due: NINE },
      { shard: 7, due: NINE - HOUR },
    ]);
    expect(await pick(shard, 9)).toEqual([older, late, due]);
    const [first] = await pickReady(db, shard, NINE, 9);
    expect(first).toMatchObject({ tenantId: 1, category: 'marketing', due: NINE - HOUR, reason: null });
  });

  it('is urgent in a queue of its own, whatever the shard', async () => {
    const [urgent, ordinary, another] = await seedMessages(db, [
      { shard: 7, due: NINE - 2, priority: 1 },
      { shard: 7, due: NINE, priority: 2 },
      { shard: 9, due: NINE - 1, priority: 1 },
    ]);
    expect(await pick(URGENT_QUEUE, 9)).toEqual([urgent, another]);
    expect(await pick(shard, 9)).toEqual([ordinary]);
  });

  it.each([
    ['a shard', shard, 3],
    ['the urgent ones', URGENT_QUEUE, 1],
  ] as const)(
    'has tenants take turns in %s when more is due than it takes',
    async (_name, queue, priority) => {
      const backlog = Array.from({ length: 40 }, (_, n) => ({
        tenantId: 1,
        shard: 7,
        due: NINE - HOUR + n,
        priority,
      }));
      await seedMessages(db, backlog);
      const others = await seedMessages(db, [
        { tenantId: 2, shard: 7, due: NINE - 2, priority },
        { tenantId: 3, shard: 7, due: NINE - 1, priority },
        { tenantId: 3, shard: 7, due: NINE, priority },
      ]);
      const picked = await pickReady(db, queue, NINE, 12);
      expect(picked.map(({ tenantId }) => tenantId)).toEqual([1, 2, 3, 1, 3, 1, 1]);
      expect(picked.filter(({ tenantId }) => tenantId !== 1).map(({ id }) => id)).toEqual(others);
    },
  );

  it('puts what is more pressing before the rest of its tenant, and before nobody else', async () => {
    const [low, high, other] = await seedMessages(db, [
      { tenantId: 1, shard: 7, due: NINE - HOUR, priority: 5 },
      { tenantId: 1, shard: 7, due: NINE, priority: 2 },
      { tenantId: 2, shard: 7, due: NINE - MINUTE, priority: 5 },
    ]);
    expect(await pick(shard, 3)).toEqual([other, high, low]);
    expect(await pick(shard, 2)).toEqual([other, high]);
  });

  it('leaves nothing out, however often a full pick is taken and settled', async () => {
    const all = await seedMessages(
      db,
      Array.from({ length: 30 }, (_, n) => ({
        tenantId: 1 + (n % 7),
        shard: 7,
        due: NINE - n,
        priority: 2 + (n % 4),
      })),
    );
    const taken: string[] = [];
    while (taken.length < all.length) {
      const ids = await pick(shard, 4);
      expect(ids.length).toBeGreaterThan(0);
      await db.pool.query('delete from pending_message where id = any($1::uuid[])', [ids]);
      taken.push(...ids);
    }
    expect(taken.toSorted()).toEqual(all.toSorted());
  });
});

describe('what a queue waits for', () => {
  it('is its earliest message', async () => {
    expect(await nextReadyAt(db, shard)).toBeNull();
    await seedMessages(db, [
      { shard: 7, due: NINE + HOUR },
      { shard: 7, due: NINE },
      { shard: 7, due: NINE - 1, priority: 1 },
      { shard: 6, due: NINE - 2 },
    ]);
    expect(await nextReadyAt(db, shard)).toBe(NINE);
    expect(await nextReadyAt(db, URGENT_QUEUE)).toBe(NINE - 1);
  });

  it('is told of all queues at once', async () => {
    expect(await waitingQueues(db, null)).toEqual([]);
    await seedMessages(db, [
      { shard: 0, due: NINE },
      { shard: 15, due: NINE + HOUR },
      { shard: 3, due: NINE, priority: 1 },
    ]);
    expect(await waitingQueues(db, NINE)).toEqual([URGENT_QUEUE, { kind: 'shard', shard: 0 }]);
    expect(await waitingQueues(db, NINE - 1)).toEqual([]);
    expect(await waitingQueues(db, null)).toEqual([
      URGENT_QUEUE,
      { kind: 'shard', shard: 0 },
      { kind: 'shard', shard: 15 },
    ]);
    expect(MESSAGE_QUEUES).toHaveLength(17);
  });

  it('is nobody of an occurrence who waits, whom its schedule sees to', async () => {
    await seedMessages(db, [{ shard: 7, due: NINE }]);
    await db.pool.query('update pending_message set state = $1', [MESSAGE_STATE_CODES.schedule]);
    expect(await nextReadyAt(db, shard)).toBeNull();
    expect(await waitingQueues(db, null)).toEqual([]);
  });
});
