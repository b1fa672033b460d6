import { randomUUID } from 'node:crypto';
import { REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import type { MessageQueue } from '../../domain/messages/queue';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { DAY, MINUTE, SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { freshDatabase } from '../../test/database';
import type { FreshDatabase } from '../../test/database';
import { seedMessages } from '../../test/messages';
import type { SeedMessage } from '../../test/messages';
import { beginCapEpoch } from '../caps/epoch';
import { openDatabase } from '../database';
import type { Database } from '../database';
import { readFigures } from '../outcome-figures';
import { claimMessages, extendMessageLeases, giveBackMessages } from './claim';
import { pickReady } from './pick';
import type { ReadyMessage } from './pick';
import { refuseMessages, settleMessages } from './settle';

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
  await db.pool.query('truncate pending_message');
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const NINE = Date.parse('2031-12-01T09:00:00Z');
const queue: MessageQueue = { kind: 'shard', shard: 7 };
const owner = (leaseUntil: Instant = NINE + 20 * SECOND) => ({ id: randomUUID(), leaseUntil });

const countedBy = (epoch: string) => ({ tenantId: 1, epoch });

const pick = (now = NINE): Promise<ReadyMessage[]> => pickReady(db, queue, now, 99);

async function ready(message: Partial<SeedMessage> = {}, now = NINE): Promise<ReadyMessage> {
  const [id] = await seedMessages(db, [{ shard: 7, due: NINE, ...message }]);
  const found = (await pick(now)).find((one) => one.id === id);
  if (!found) throw new Error('What was seeded is not ready.');
  return found;
}

/** Another claims it, hears nothing, and gives it back. */
async function leaveDoubt({ id, ...message }: ReadyMessage): Promise<void> {
  const another = owner();
  await claimMessages(db, [{ id, ...message }], another, NINE, null);
  await giveBackMessages(db, [{ id, attempts: 1, doubt: 'no-answer', steps: [], retryAt: NINE }], another.id);
}

const rowOf = async ({ id }: Pick<ReadyMessage, 'id'>) => {
  const { rows } = await db.pool.query<Record<string, unknown>>(
    'select * from pending_message where id = $1',
    [id],
  );
  return rows[0];
};

const outcomeOf = (id: string, state: keyof typeof STATE_CODES) => ({
  id,
  state: STATE_CODES[state],
  reason: null,
  attempts: 1,
  locale: 'en',
  channel: 'noop' as const,
  provider: null,
  steps: [],
  settledAt: NINE + 1,
});

describe('claiming messages', () => {
  it('is done by one of those who try, and takes them out of the way of others', async () => {
    const message = await ready();
    const tries = await Promise.all(
      Array.from({ length: 4 }, () => claimMessages(db, [message], owner(), NINE, null)),
    );
    expect(tries.filter(({ ids }) => ids.has(message.id))).toHaveLength(1);
    expect(await pick()).toEqual([]);
  });

  it('leaves what was changed or put off since it was read', async () => {
    const changed = await ready();
    const putOff = await ready();
    await db.pool.query('update pending_message set version = 2 where id = $1', [changed.id]);
    await db.pool.query('update pending_message set due = $2 where id = $1', [putOff.id, new Date(NINE + 1)]);
    const { ids } = await claimMessages(db, [changed, putOff], owner(), NINE, null);
    expect(ids.size).toBe(0);
  });

  it('leaves what another has tried since it was read, whose doubt would be lost', async () => {
    const message = await ready();
    await leaveDoubt(message);
    expect((await claimMessages(db, [message], owner(), NINE, null)).ids.size).toBe(0);
    expect(await pick()).toMatchObject([{ attempts: 1, reason: 'no-answer' }]);
  });

  it('leaves a claim of its own whose lease ran out, because its message is on the way', async () => {
    const message = await ready();
    const mine = owner(NINE + 10);
    await claimMessages(db, [message], mine, NINE, null);
    const [lapsed] = await pick(NINE + 10);
    if (!lapsed) throw new Error('The lease has not run out.');
    const longer = { ...mine, leaseUntil: NINE + MINUTE };
    expect((await claimMessages(db, [lapsed], longer, NINE + 10, null)).ids.size).toBe(0);
  });

  it('leaves whoever was erased', async () => {
    const message = await ready({ rid: '2' });
    await db.pool.query('update recipient set erased_at = now() where rid = 2');
    expect((await claimMessages(db, [message], owner(), NINE, null)).ids.size).toBe(0);
  });

  it('claims nothing by a count of the caps that is replaced', async () => {
    const message = await ready();
    await beginCapEpoch(db, 1, 'first');
    await beginCapEpoch(db, 1, 'second');
    expect(await claimMessages(db, [message], owner(), NINE, countedBy('first'))).toEqual({
      ids: new Set(),
      count: 'replaced',
    });
    expect(await claimMessages(db, [message], owner(), NINE, countedBy('second'))).toEqual({
      ids: new Set([message.id]),
      count: 'stands',
    });
  });

  it('takes over a claim whose lease ran out, as one that may have been sent', async () => {
    const message = await ready();
    await claimMessages(db, [message], owner(NINE + 10), NINE, null);
    expect(await pick(NINE + 9)).toEqual([]);
    const [left] = await pick(NINE + 10);
    expect(left).toMatchObject({ id: message.id, attempts: 1, reason: 'owner-lost' });
    if (!left) return;
    expect((await claimMessages(db, [left], owner(), NINE + 10, null)).ids).toEqual(new Set([message.id]));
    expect(await rowOf(message)).toMatchObject({ attempts: 1, reason: REASON_CODES['owner-lost'] });
  });

  it('keeps a claim for as long as its owner lengthens it, and nobody else does', async () => {
    const message = await ready();
    const mine = owner(NINE + 10);
    await claimMessages(db, [message], mine, NINE, null);
    expect(await extendMessageLeases(db, [message.id], owner())).toEqual([]);
    expect(await extendMessageLeases(db, [message.id], { ...mine, leaseUntil: NINE + MINUTE })).toEqual([
      message.id,
    ]);
    expect(await pick(NINE + MINUTE - 1)).toEqual([]);
  });
});

describe('giving a message back', () => {
  it('has it wait for its next try as it waited before, its attempts counted', async () => {
    const message = await ready();
    const mine = owner();
    await claimMessages(db, [message], mine, NINE, null);
    const returned = { id: message.id, attempts: 2, doubt: null, steps: [], retryAt: NINE + 8 * SECOND };
    await giveBackMessages(db, [returned], mine.id);
    expect(await rowOf(message)).toMatchObject({ state: 1, owner: null, reason: null, attempts: 2 });
    expect(await pick(NINE + 8 * SECOND - 1)).toEqual([]);
    expect(await pick(NINE + 8 * SECOND)).toMatchObject([{ attempts: 2, reason: null, due: NINE }]);
  });

  it('keeps the doubt of one that may have been accepted, which its sender cannot call back any more', async () => {
    const message = await ready();
    const mine = owner();
    await claimMessages(db, [message], mine, NINE, null);
    await giveBackMessages(
      db,
      [{ id: message.id, attempts: 1, doubt: 'no-answer', steps: [], retryAt: NINE }],
      mine.id,
    );
    expect(await rowOf(message)).toMatchObject({ state: 3, owner: null });
    const [again] = await pick();
    expect(again).toMatchObject({ attempts: 1, reason: 'no-answer' });
    if (!again) return;
    const next = owner();
    await claimMessages(db, [again], next, NINE, null);
    await giveBackMessages(
      db,
      [{ id: again.id, attempts: null, doubt: null, steps: [], retryAt: NINE }],
      next.id,
    );
    expect(await pick()).toMatchObject([{ attempts: 1, reason: 'no-answer' }]);
  });
});

describe('the outcome of a message', () => {
  it('is recorded once, by its owner, who takes it out of those that wait', async () => {
    const message = await ready({ zone: 'Asia/Kathmandu' });
    const mine = owner();
    await claimMessages(db, [message], mine, NINE, null);
    expect(await settleMessages(db, [outcomeOf(message.id, 'sent')], randomUUID(), 3)).toEqual([]);
    expect(await settleMessages(db, [outcomeOf(message.id, 'sent')], mine.id, 3)).toEqual([message.id]);
    expect(await settleMessages(db, [outcomeOf(message.id, 'failed')], mine.id, 3)).toEqual([]);
    expect(await rowOf(message)).toBeUndefined();
    const { rows } = await db.pool.query(
      'select * from delivery where day = $1 and occurrence_id = $2 and step = $3',
      [messageDay(message.id), message.containerId, messageStep(message.id)],
    );
    expect(rows).toMatchObject([
      { rid: '1', state: 10, attempts: 1, zone: 'Asia/Kathmandu', locale: 'en', due: new Date(NINE) },
    ]);
  });

  it('is counted under its container, one row a state however many messages', async () => {
    const before = await readFigures(db, 1, { scheduleId: null, from: null, to: null });
    const messages = [await ready(), await ready(), await ready()];
    const mine = owner();
    await claimMessages(db, messages, mine, NINE, null);
    await settleMessages(
      db,
      messages.map(({ id }, n) => outcomeOf(id, n === 0 ? 'expired' : 'sent')),
      mine.id,
      3,
    );
    const { sent = 0, expired = 0 } = await readFigures(db, 1, { scheduleId: null, from: null, to: null });
    expect([sent - (before.sent ?? 0), expired - (before.expired ?? 0)]).toEqual([2, 1]);
    const { rows } = await db.pool.query('select distinct step from counter');
    expect(rows).toEqual([{ step: '' }]);
  });

  it('keeps the template of one that failed, beside what it says of its own', async () => {
    const [own, plain] = [
      await ready({ templateId: 'tpl_1', sealed: Buffer.from('x') }),
      await ready({ templateId: 'tpl_2' }),
    ];
    const mine = owner();
    await claimMessages(db, [own, plain], mine, NINE, null);
    await settleMessages(
      db,
      [own, plain].map(({ id }) => outcomeOf(id, 'failed')),
      mine.id,
      0,
    );
    const { rows } = await db.pool.query(
      'select template_id, sealed from message_data where id = any($1) order by template_id',
      [[own.id, plain.id]],
    );
    expect(rows).toEqual([
      { template_id: 'tpl_1', sealed: Buffer.from('x') },
      { template_id: 'tpl_2', sealed: null },
    ]);
  });

  it('is a refusal while nobody claims it, and only then', async () => {
    const [refused, claimed] = [await ready({ due: NINE - DAY }), await ready()];
    await claimMessages(db, [claimed], owner(), NINE, null);
    const outcomes = [refused, claimed].map((message) => ({ ...outcomeOf(message.id, 'expired'), message }));
    expect(await refuseMessages(db, outcomes, NINE, 0)).toEqual([refused.id]);
    expect(await rowOf(claimed)).toMatchObject({ state: 3 });
  });

  it('is no refusal of what was changed, or tried by another, since it was judged', async () => {
    const [changed, tried] = [await ready(), await ready()];
    await db.pool.query('update pending_message set version = 2 where id = $1', [changed.id]);
    await leaveDoubt(tried);
    const outcomes = [changed, tried].map((message) => ({ ...outcomeOf(message.id, 'expired'), message }));
    expect(await refuseMessages(db, outcomes, NINE, 0)).toEqual([]);
  });
});
