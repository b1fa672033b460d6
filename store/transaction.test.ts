import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { inTransaction, joining } from './transaction';

let fresh: FreshDatabase;
let db: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url, { maxConnections: 2 });
  await db.pool.query('create table note (text text not null)');
});
afterAll(async () => {
  await db.close();
  await fresh.drop();
});
beforeEach(() => db.pool.query('truncate note'));

const notes = async (): Promise<string[]> =>
  (await db.pool.query<{ text: string }>('select text from note order by text')).rows.map(({ text }) => text);

const insert = 'insert into note values ($1)';

describe('a transaction', () => {
  it('writes nothing when its work fails', async () => {
    const failing = inTransaction(db, async (client) => {
      await client.query(insert, ['a']);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await notes()).toEqual([]);
  });

  it('within another is a part of it: committed with it alone', async () => {
    const outer = inTransaction(db, async (client) => {
      await inTransaction(joining(client), (part) => part.query(insert, ['a']));
      expect(await notes()).toEqual([]);
      throw new Error('after all');
    });
    await expect(outer).rejects.toThrow('after all');
    expect(await notes()).toEqual([]);
  });

  it('takes back a part that failed and keeps the rest', async () => {
    await inTransaction(db, async (client) => {
      await client.query(insert, ['a']);
      const part = inTransaction(joining(client), async (inner) => {
        await inner.query(insert, ['b']);
        await inner.query(insert, [null]);
      });
      await expect(part).rejects.toThrow('null value');
      await client.query(insert, ['c']);
    });
    expect(await notes()).toEqual(['a', 'c']);
  });

  it('fails, and the process lives, when its connection is lost; the next one gets another', async () => {
    const lost = inTransaction(db, async (client) => {
      await client.query(insert, ['a']);
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      const ended = new Promise((resolve) => {
        client.once('end', resolve);
      });
      await db.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await ended;
      await client.query(insert, ['b']);
    });
    await expect(lost).rejects.toThrow(/not queryable|terminated|closed/i);
    await inTransaction(db, (client) => client.query(insert, ['c']));
    expect(await notes()).toEqual(['c']);
  });
});
