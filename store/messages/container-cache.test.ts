import { messageShard, messageUuid } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import { freshDatabase } from '../../test/database';
import type { FreshDatabase } from '../../test/database';
import { listUncounted } from '../counter-check';
import { openDatabase } from '../database';
import type { Database } from '../database';
import { listFigures, readFigures } from '../outcome-figures';
import { inTransaction, joining } from '../transaction';
import { createContainerCache } from './container-cache';
import type { ContainerKey } from './container-cache';

let fresh: FreshDatabase;
let db: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
});

afterAll(async () => {
  await db.close();
  await fresh.drop();
});

async function openOne(key: ContainerKey): Promise<string | undefined> {
  const [id] = await createContainerCache().idsOf(db, [key]);
  return id;
}

const marketing = { tenantId: 1, day: '2031-12-01', category: 'marketing' };

describe('the container of messages', () => {
  it('is one for a tenant, a day and a category, whoever asks first', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => openOne(marketing)));
    expect(new Set(ids).size).toBe(1);
    const containers = createContainerCache();
    const keys = [
      { ...marketing, tenantId: 2 },
      { ...marketing, day: '2031-12-02' },
      { ...marketing, category: 'transactional' },
    ];
    const others = await containers.idsOf(db, [...keys, ...keys]);
    expect(others.slice(3)).toEqual(others.slice(0, 3));
    expect(new Set([...ids, ...others]).size).toBe(4);
    expect(await containers.idsOf(db, [{ ...marketing, tenantId: 2 }])).toEqual([others[0]]);
  });

  it('is made where the message is, and not remembered when nothing came of that', async () => {
    const containers = createContainerCache();
    const far = { ...marketing, day: '2042-01-01' };
    const given: string[] = [];
    const failing = inTransaction(db, async (client) => {
      given.push(...(await containers.idsOf(joining(client), [far])));
      expect(await containers.idsOf(joining(client), [far])).toEqual(given);
      throw new Error('No message after all.');
    });
    await expect(failing).rejects.toThrow('No message after all.');
    const [id] = await containers.idsOf(db, [far]);
    expect(given).not.toContain(id);
    const { rows } = await db.pool.query('select id from occurrence where day = $1', [far.day]);
    expect(rows).toEqual([{ id }]);
  });

  it('comes with the partitions of its day, however far ahead', async () => {
    const id = await openOne({ ...marketing, day: '2041-06-30' });
    await db.pool.query(
      `insert into delivery (day, occurrence_id, step, rid, state, zone_source, zone, due)
       values ('2041-06-30', $1, 'M', 1, 11, 0, 'UTC', '2041-06-30')`,
      [id],
    );
    await db.pool.query(
      `insert into message_data (day, id) values ('2041-06-30', '01a230d5-1280-0102-0304-05060708090a')`,
    );
  });

  it('has messages that wait in the partition of their shard', async () => {
    const id = messageUuid(Date.parse('2031-12-01T09:00:00Z'), new Uint8Array(10).fill(255));
    await db.pool.query(
      `insert into pending_message (shard, id, tenant_id, rid, container_id, channel, zone_source, zone, due, expires_at,
                                    created_at, state)
       values ($1, $2, 1, 1, $3, 1, 0, 'UTC', now(), now(), now(), $4)`,
      [messageShard(id), id, await openOne(marketing), MESSAGE_STATE_CODES.held],
    );
    const { rows } = await db.pool.query('select id from pending_message_15');
    expect(rows).toEqual([{ id }]);
  });

  it('is no work for anybody, and its messages are in the figures of their day', async () => {
    const id = await openOne(marketing);
    await db.pool.query(
      `insert into counter (occurrence_id, variant, channel, state, slot, count) values ($1, '', 1, 11, 0, 3)`,
      [id],
    );
    const day = { kind: 'date', date: marketing.day } as const;
    const noon = { kind: 'instant', at: Date.parse('2031-12-01T12:00:00Z') } as const;
    const span = { scheduleId: null, from: day, to: noon };
    expect(await readFigures(db, 1, span)).toEqual({ failed: 3 });
    expect((await listFigures(db, 1, span, 'day', { limit: 9, after: null })).items).toEqual([
      { key: marketing.day, counts: { failed: 3 } },
    ]);
    expect((await listFigures(db, 1, span, 'schedule', { limit: 9, after: null })).items).toEqual([]);
    expect(await listUncounted(db, 9)).toEqual([]);
  });
});
