import { randomBytes } from 'node:crypto';
import { createKeyRing, UnknownKeyError } from '../platform/crypto';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { addressKeyOf } from './address-keys';
import { openDatabase } from './database';
import type { Database } from './database';
import { inTransaction, joining } from './transaction';

const old = { id: 'k1', key: randomBytes(32) };
const fresh = { id: 'k2', key: randomBytes(32) };
const ring = createKeyRing([old]);
let database: FreshDatabase;
let db: Database;

beforeEach(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url);
});

afterEach(async () => {
  await db.close();
  await database.drop();
});

const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');

describe("a tenant's key for hashes of addresses", () => {
  it('is made once, whoever asks for it at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => addressKeyOf(db, ring, 1)));
    expect(new Set(keys.map(hex)).size).toBe(1);
    expect(hex(await addressKeyOf(db, ring, 1))).toBe(hex(keys[0] ?? Buffer.alloc(0)));
  });

  it('is that of the transaction which commits first', async () => {
    const { first, second } = await inTransaction(db, async (client) => {
      const made = await addressKeyOf(joining(client), ring, 1);
      // Waits for this transaction.
      return { first: made, second: addressKeyOf(db, ring, 1).then(hex) };
    });
    expect(await second).toBe(hex(first));
  });

  it('is left behind by nobody whose transaction came to nothing', async () => {
    const undone = inTransaction(db, async (client) => {
      await addressKeyOf(joining(client), ring, 1);
      throw new Error('called off');
    });
    await expect(undone).rejects.toThrow('called off');
    const { rowCount } = await db.pool.query('select from address_key');
    expect(rowCount).toBe(0);
  });

  it('is another one for another tenant, and does not open in its place', async () => {
    expect(hex(await addressKeyOf(db, ring, 1))).not.toBe(hex(await addressKeyOf(db, ring, 2)));
    await db.pool.query('delete from address_key where tenant_id = 2');
    await db.pool.query('update address_key set tenant_id = 2');
    await expect(addressKeyOf(db, ring, 2)).rejects.toThrow('unable to authenticate');
  });

  it('outlives a rotation, and is never made anew while the key that wraps it is away', async () => {
    const before = hex(await addressKeyOf(db, ring, 1));
    expect(hex(await addressKeyOf(db, createKeyRing([fresh, old]), 1))).toBe(before);
    await expect(addressKeyOf(db, createKeyRing([fresh]), 1)).rejects.toThrow(new UnknownKeyError('k1'));
    expect(hex(await addressKeyOf(db, createKeyRing([fresh, old]), 1))).toBe(before);
  });
});
