import { messageShard, messageUuid } from '../../domain/messages/message-id';
import { MESSAGE_STATE_CODES } from '../../domain/messages/message-state';
import { freshDatabase } from '../../test/database';
import type { FreshDatabase } from '../../test/database';
import { listUncounted } from '../counter-check';
import { openDatabase } from '../database';
import type { Database } from '../database';
import { listDeadLetters } from '../dead-letters';
import { listFigures, readFigures } from '../outcome-figures';
import { createContainerCache } from './container-cache';

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

const marketing = { tenantId: 1, day: '2031-12-01', category: 'marketing' };

describe('the container of messages', () => {
  it('is one for a tenant, a day and a category, whoever asks first', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => createContainerCache(db).idOf(marketing)));
    expect(new Set(ids).size).toBe(1);
    const containers = createContainerCache(db);
    const others = await Promise.all(
      [
        { ...marketing, tenantId: 2 },
        { ...marketing, day: '2031-12-02' },
        { ...marketing, category: 'transactional' },
      ].map((key) => containers.idOf(key)),
    );
    expect(new Set([...ids, ...others]).size).toBe(4);
    expect(await containers.idOf({ ...marketing, tenantId: 2 })).toBe(others[0]);
  });

  it('comes with the partitions of its day, however far ahead', async () => {
    const id = await createContainerCache(db).idOf({ ...marketing, day: '2041-06-30' });
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
      [messageShard(id), id, await createContainerCache(db).idOf(marketing), MESSAGE_STATE_CODES.held],
    );
    const { rows } = await db.pool.query('select id from pending_message_15');
    expect(rows).toEqual([{ id }]);
  });

  it('is no work for anybody, and its messages are in the figures of their day', async () => {
    const id = await createContainerCache(db).idOf(marketing);
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
    expect((await listDeadLetters(db, 1, {}, { limit: 9, after: null })).items).toEqual([]);
  });
});
