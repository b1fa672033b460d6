import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { drainCommands, writeCommand } from './outbox';
import type { Command } from './outbox';
import { inTransaction } from './transaction';

let database: FreshDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url, { maxConnections: 6 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(() => db.pool.query('truncate outbox, schedule cascade'));

const at = new Date('2026-11-20T12:00:00Z');
const clock = (): Date => at;

async function schedule(id: string, nextRunAt: string | null, versions = [1]): Promise<void> {
  await inTransaction(db, async (client) => {
    await client.query(
      `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, next_run_at, created_by)
       values ($1, 1, 'x', 'once', 'email', '{}', 'scheduled', $2, 'test')`,
      [id, nextRunAt],
    );
    for (const version of versions)
      await writeCommand(client, { tenantId: 1, at, correlationId: `request-${version}` }, id, version);
  });
}

const undone = async (): Promise<string[]> => {
  const { rows } = await db.pool.query('select schedule_id from outbox where done_at is null order by id');
  return rows.map(({ schedule_id }) => schedule_id);
};

async function tellAllButPoison({ scheduleId }: Command): Promise<'told' | 'failed'> {
  return scheduleId === 'poison' ? 'failed' : 'told';
}

describe('draining the outbox', () => {
  it('takes cancellations first, then what is due soonest', async () => {
    await schedule('late', '2027-01-01T00:00:00Z');
    await schedule('soon', '2026-12-01T00:00:00Z');
    await schedule('cancelled', null);
    const told: string[] = [];
    for (let batch = 0; batch < 3; batch += 1) {
      await drainCommands(
        db,
        1,
        async ({ scheduleId }) => {
          told.push(scheduleId);
          return 'told';
        },
        clock,
      );
    }
    expect(told).toEqual(['cancelled', 'soon', 'late']);
    expect(await undone()).toEqual([]);
  });

  it('keeps what could not be told, and tells the others', async () => {
    await schedule('poison', null);
    await schedule('fine', '2026-12-01T00:00:00Z');
    expect(await drainCommands(db, 10, tellAllButPoison, clock)).toEqual({ done: 1, left: 1 });
    expect(await undone()).toEqual(['poison']);
  });

  it('tells several commands to one schedule once, as the newest version', async () => {
    await schedule('edited', null, [1, 3, 2]);
    const told: Command[] = [];
    const tell = async (command: Command): Promise<'told'> => {
      told.push(command);
      return 'told';
    };
    expect(await drainCommands(db, 10, tell, clock)).toEqual({ done: 3, left: 0 });
    expect(told).toEqual([
      {
        tenantId: 1,
        scheduleId: 'edited',
        version: 3,
        correlationIds: ['request-1', 'request-3', 'request-2'],
      },
    ]);
  });

  it('is shared by several processes: each command is told by one of them', async () => {
    for (let n = 0; n < 30; n += 1) await schedule(`s${n}`, null);
    const told: string[] = [];
    const drain = async (): Promise<void> => {
      for (let batch = 0; batch < 10; batch += 1) {
        await drainCommands(
          db,
          3,
          async ({ scheduleId }) => {
            told.push(scheduleId);
            await new Promise(setImmediate);
            return 'told';
          },
          clock,
        );
      }
    };
    await Promise.all([drain(), drain(), drain()]);
    expect(told).toHaveLength(30);
    expect(new Set(told).size).toBe(30);
    expect(await undone()).toEqual([]);
  });

  it('frees what a process had in hand when it died', async () => {
    await schedule('interrupted', null);
    const died = drainCommands(db, 10, () => Promise.reject(new Error('died')), clock);
    await expect(died).rejects.toThrow('died');
    expect(await undone()).toEqual(['interrupted']);
  });

  it('reads of a backlog what it takes, and not the rest', async () => {
    await db.pool.query(
      `insert into outbox (tenant_id, schedule_id, version, due_at)
       select 1, 's' || n, 1, now() + n * interval '1 second' from generate_series(1, 20000) n`,
    );
    const before = await rowsRead();
    await drainCommands(db, 50, async () => 'told', clock);
    expect((await rowsRead()) - before).toBeLessThan(1_000);
  });
});

/** Rows of the outbox that were read so far, whichever way: by every connection, each of which tells when asked. */
async function rowsRead(): Promise<number> {
  const connections = await Promise.all(Array.from({ length: 6 }, () => db.pool.connect()));
  await Promise.all(connections.map((client) => client.query('select pg_stat_force_next_flush()')));
  for (const client of connections) client.release();
  const { rows } = await db.pool.query<{ read: number }>(
    `select (s.seq_tup_read + sum(i.idx_tup_read))::int as read
       from pg_stat_user_tables s join pg_stat_user_indexes i using (relid)
      where s.relname = 'outbox'
      group by s.seq_tup_read`,
  );
  return rows[0]?.read ?? 0;
}
