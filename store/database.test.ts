import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { freshDatabase } from '../test/database';
import { openDatabase } from './database';
import { isDatabaseUnavailable } from './unavailable';

describe('a Postgres that falls silent without closing its connections', () => {
  it('counts as away once a statement has waited too long', async () => {
    const fresh = await freshDatabase();
    const url = new URL(fresh.url);
    const { hostname, port } = url;
    let silent = false;
    const proxy = createServer((near) => {
      const far = connect(Number(port), hostname);
      near.on('data', (bytes) => (silent ? undefined : far.write(bytes)));
      far.on('data', (bytes) => near.write(bytes));
      for (const end of [near, far]) end.on('error', () => undefined);
      near.on('close', () => far.destroy());
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    url.hostname = '127.0.0.1';
    url.port = String((proxy.address() as AddressInfo).port);
    const db = openDatabase(url.href, { answersWithinMs: 2_000 });
    try {
      await db.pool.query('select 1');
      silent = true;
      const failure: unknown = await db.pool.query('select 1').catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
      expect(isDatabaseUnavailable(failure)).toBe(true);

      silent = false;
      expect((await db.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await db.close();
      proxy.close();
      await fresh.drop();
    }
  });
});

describe('a statement that takes too long', () => {
  it('is ended in Postgres too, so that a second one does not run beside it', async () => {
    const fresh = await freshDatabase();
    const db = openDatabase(fresh.url, { answersWithinMs: 1_000 });
    try {
      const failure: unknown = await db.pool.query('select pg_sleep(60)').catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: '57014' });
      expect(isDatabaseUnavailable(failure)).toBe(true);
      const { rows } = await db.pool.query(
        `select query from pg_stat_activity where state = 'active' and query like '%pg_sleep(60)' and pid <> pg_backend_pid()`,
      );
      expect(rows).toEqual([]);
    } finally {
      await db.close();
      await fresh.drop();
    }
  });
});
