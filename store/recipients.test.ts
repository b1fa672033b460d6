import { randomBytes } from 'node:crypto';
import { createKeyRing } from '../platform/crypto';
import type { KeyRing } from '../platform/crypto';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { findRecipient, listRecipients, putRecipient, zonesOfRecipients } from './recipients';
import type { RecipientProfile } from '../domain/recipient/profile';
import { DEFAULT_TENANT, tenantByName } from './tenants';

const profile: RecipientProfile = {
  email: 'ada@example.com',
  phone: '+4915112345678',
  locale: 'de-AT',
  timeZone: 'Europe/Vienna',
  zone: 'Europe/Vienna',
  zoneSource: 'profile',
  attributes: { first_name: 'Ada' },
};
const at = new Date('2026-11-20T12:00:00Z');
const keys = [{ id: 'k1', key: randomBytes(32) }];

let database: FreshDatabase;
let db: Database;
let tenantId: number;
let keyRing: KeyRing;
beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url, { maxConnections: 4 });
  tenantId = (await tenantByName(db, DEFAULT_TENANT))?.id ?? 0;
  keyRing = createKeyRing(keys);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

describe('a recipient in Postgres', () => {
  it('has addresses that nobody can read without the key ring', async () => {
    await putRecipient(db, keyRing, tenantId, 'ada', profile, at);
    const { rows } = await db.pool.query('select email, phone from recipient');
    expect(rows[0].email.toString('latin1')).not.toContain('ada@');
    expect(rows[0].phone.toString('latin1')).not.toContain('4915');
    const stranger = createKeyRing([{ id: 'k1', key: randomBytes(32) }]);
    await expect(findRecipient(db, stranger, tenantId, 'ada')).rejects.toThrow(/unable to authenticate/);
    expect(await findRecipient(db, keyRing, tenantId, 'ada')).toMatchObject(profile);
  });

  it('is still read when a new key writes', async () => {
    const rotated = createKeyRing([{ id: 'k2', key: randomBytes(32) }, ...keys]);
    expect(await findRecipient(db, rotated, tenantId, 'ada')).toMatchObject(profile);
  });

  it('is made once by two writers at once, under one key', async () => {
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(() => putRecipient(db, keyRing, tenantId, 'twice', profile, at)),
    );
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual([
      'created',
      'replaced',
      'replaced',
      'replaced',
    ]);
    expect(await findRecipient(db, keyRing, tenantId, 'twice')).toMatchObject(profile);
  });

  it('lives by the zone of the profile, or by that of the tenant', async () => {
    await putRecipient(
      db,
      keyRing,
      tenantId,
      'nowhere',
      { ...profile, zone: null, zoneSource: 'default' },
      at,
    );
    expect(await zonesOfRecipients(db, tenantId, ['ada', 'nowhere', 'stranger'])).toEqual(
      new Map([
        ['ada', 'Europe/Vienna'],
        ['nowhere', 'UTC'],
      ]),
    );
  });

  it('is listed without addresses that were never given', async () => {
    await putRecipient(db, keyRing, tenantId, 'bare', { ...profile, email: null, phone: null }, at);
    const { items } = await listRecipients(db, keyRing, tenantId, { limit: 100, after: null });
    expect(items.find(({ id }) => id === 'bare')).toMatchObject({ email: null, phone: null });
  });
});
