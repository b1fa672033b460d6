import { REASON_CODES } from '../../domain/delivery/state';
import { DAY, HOUR } from '../../domain/time/instant';
import { messageDay } from '../../domain/messages/message-id';
import { eventually } from '../../test/eventually';
import { freshDatabase } from '../../test/database';
import type { FreshDatabase } from '../../test/database';
import { outcomesOfMessages, seedMessages } from '../../test/messages';
import type { SeedMessage } from '../../test/messages';
import { STATE_CODES } from '../../domain/delivery/state';
import { listDeadLetters } from '../dead-letters';
import { openDatabase } from '../database';
import type { Database } from '../database';
import { readFigures } from '../outcome-figures';
import { readTotals } from '../totals';
import { pickReady } from './pick';
import { replayMessages } from './replay';
import { refuseMessages } from './settle';
import { readMessageTrails } from './steps';

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
  await db.pool.query(
    `insert into recipient (rid, tenant_id, external_id) values (1, 1, 'ada'), (2, 1, 'bob')`,
  );
});

beforeEach(async () => {
  await db.pool.query('truncate pending_message, message_data, delivery, attempt, counter, outcome_total');
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const NINE = Date.parse('2031-12-01T09:00:00Z');
const by = { tenantId: 1, actorId: 'test', at: new Date(NINE + HOUR) };
const all = { scheduleId: null, from: null, to: null };

async function failed(
  reason: 'provider-unavailable' | 'template-missing' | 'rejected-address' = 'provider-unavailable',
  about: Partial<SeedMessage> = {},
  attempts = 4,
): Promise<string> {
  const [id = ''] = await seedMessages(db, [{ shard: 7, due: NINE, templateId: 'tpl_1', ...about }]);
  const outcome = {
    id,
    state: STATE_CODES.failed,
    reason: REASON_CODES[reason],
    attempts,
    locale: null,
    channel: 'noop' as const,
    provider: null,
    steps: [],
    settledAt: NINE,
    message: { version: 1, owner: null, attempts: 0, provider: null },
  };
  expect(await refuseMessages(db, [outcome], NINE, 3)).toEqual([id]);
  return id;
}

const ready = async () => pickReady(db, { kind: 'shard', shard: 7 }, NINE + HOUR, 99);

describe('a message that failed', () => {
  it('is a dead letter of no schedule', async () => {
    const id = await failed();
    const { items } = await listDeadLetters(db, 1, {}, { limit: 9, after: null });
    expect(items).toMatchObject([
      {
        scheduleId: null,
        nominal: '2031-12-01',
        recipient: 'ada',
        reason: 'provider-unavailable',
        attempts: 4,
      },
    ]);
    expect(await outcomesOfMessages(db)).toEqual({ [id]: 'failed/provider-unavailable' });
  });

  it('waits again when somebody wants it, with what it says, in one place and in no count', async () => {
    const id = await failed('provider-unavailable', { sealed: Buffer.from('x') });
    expect(await replayMessages(db, by, { id })).toEqual([
      { uuid: id, due: new Date(NINE), waiting: { priority: 3 } },
    ]);
    expect(await ready()).toMatchObject([
      {
        id,
        templateId: 'tpl_1',
        sealed: true,
        attempts: 4,
        reason: 'replayed',
        due: NINE,
        expiresAt: NINE + HOUR + DAY,
      },
    ]);
    expect(await outcomesOfMessages(db)).toEqual({});
    expect(await readFigures(db, 1, all)).toEqual({});
    // What Prometheus reads does not go down.
    expect((await readTotals(db)).outcomes).toMatchObject([{ channel: 'noop', failed: 1 }]);
    expect(await replayMessages(db, by, { id })).toEqual([]);
  });

  it('is found by its person and its reason, and never of another tenant or of somebody erased', async () => {
    const wanted = await failed('template-missing');
    await failed('provider-unavailable');
    await failed('template-missing', { rid: '2' });
    await failed('template-missing', { tenantId: 2 });
    await db.pool.query('update recipient set erased_at = now() where rid = 2');
    const reason = REASON_CODES['template-missing'];
    expect(await replayMessages(db, by, { recipient: 'bob' })).toEqual([]);
    const replayed = await replayMessages(db, by, { reason });
    expect(replayed.map(({ uuid }) => uuid)).toEqual([wanted]);
    expect(await replayMessages(db, by, { recipient: 'ada' })).toHaveLength(1);
  });

  it('begins anew with the first provider, and keeps what came of it before on its way', async () => {
    const id = await failed('rejected-address', {}, 1);
    await db.pool.query(`update delivery set provider = 'second'`);
    await replayMessages(db, by, { id });
    const [message] = await ready();
    expect(message?.provider).toBeNull();
    const trails = await readMessageTrails(db, message ? [message] : []);
    expect(trails.get(id)).toEqual([
      expect.objectContaining({
        result: 'rejected',
        reason: 'rejected-address',
        at: NINE,
        provider: 'second',
      }),
      { result: 'restarted', reason: 'replayed', at: NINE + HOUR, channel: 'noop', provider: null },
    ]);
  });

  it('waits for whoever drops its day, and is gone with it', async () => {
    const id = await failed();
    const dropping = await db.pool.connect();
    await dropping.query('begin');
    await dropping.query('select 1 from occurrence where day = $1 for update', [messageDay(id)]);
    await dropping.query('update occurrence set dropped_at = now() where day = $1', [messageDay(id)]);
    const replaying = replayMessages(db, by, { id });
    await eventually('it waits', async () => {
      const { rowCount } = await db.pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    });
    await dropping.query('commit');
    dropping.release();
    expect(await replaying).toEqual([]);
    expect(await ready()).toEqual([]);
    await db.pool.query('update occurrence set dropped_at = null');
  });
});
