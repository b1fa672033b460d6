import { randomBytes } from 'node:crypto';
import type { RecipientProfile } from '../domain/recipient/profile';
import { createKeyRing } from '../platform/crypto';
import { freshDatabase } from '../test/database';
import type { FreshDatabase } from '../test/database';
import { openDatabase } from './database';
import type { Database } from './database';
import { sealBatch, writeBatch } from './recipient-batch';
import type { IncomingPerson, SealedBatch } from './recipient-batch';
import { eraseRecipient, findRecipient, putRecipient } from './recipients';
import { inTransaction } from './transaction';

const tenantId = 1;
const at = new Date('2026-11-20T12:00:00Z');
const keyRing = createKeyRing([{ id: 'k1', key: randomBytes(32) }]);

let database: FreshDatabase;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase(database.url);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(() => db.pool.query('truncate recipient, recipient_key, job, job_error'));

const profileOf = (email: string): RecipientProfile => ({
  email,
  phone: null,
  locale: null,
  timeZone: null,
  zone: null,
  zoneSource: 'default',
  attributes: { from: 'file' },
});

const incoming = (...ids: string[]): IncomingPerson[] =>
  ids.map((id) => ({ id, profile: profileOf(`${id}@file.example`) }));

const put = (id: string): Promise<unknown> =>
  putRecipient(db, keyRing, tenantId, id, profileOf(`${id}@put.example`), at);

const seal = (people: readonly IncomingPerson[]): Promise<SealedBatch> =>
  sealBatch(db, keyRing, tenantId, people, () => Promise.resolve());

const write = (batch: SealedBatch): Promise<Map<string, string>> =>
  inTransaction(db, (client) => writeBatch(client, keyRing, tenantId, batch, at));

const emailOf = async (id: string): Promise<string | null | undefined> =>
  (await findRecipient(db, keyRing, tenantId, id))?.email;

describe('a batch of people', () => {
  it('is written with the rids of everybody', async () => {
    await put('bob');
    const rids = await write(await seal(incoming('ada', 'bob')));
    const { rows } = await db.pool.query('select external_id, rid from recipient order by external_id');
    expect(rows.map(({ external_id, rid }) => [external_id, rid])).toEqual([
      ['ada', rids.get('ada')],
      ['bob', rids.get('bob')],
    ]);
    expect(await Promise.all(['ada', 'bob'].map(emailOf))).toEqual(['ada@file.example', 'bob@file.example']);
  });

  it('takes the key of somebody who was made since they were looked up', async () => {
    const batch = await seal(incoming('ada', 'bob'));
    await put('ada');
    const { rows: keys } = await db.pool.query('select wrapped from recipient_key');
    await write(batch);
    expect(await Promise.all(['ada', 'bob'].map(emailOf))).toEqual(['ada@file.example', 'bob@file.example']);
    const { rows } = await db.pool.query('select wrapped from recipient_key order by rid desc');
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual(keys[0]);
  });

  it('makes somebody anew who was erased since they were looked up', async () => {
    await put('ada');
    const batch = await seal(incoming('ada'));
    await eraseRecipient(db, tenantId, 'ada', { jobId: 'erasure', createdBy: 'test' }, at);
    await write(batch);
    expect(await emailOf('ada')).toBe('ada@file.example');
    const { rows } = await db.pool.query('select erased_at is null as alive from recipient order by rid');
    expect(rows).toEqual([{ alive: false }, { alive: true }]);
  });

  it('makes somebody anew who was erased and made again since they were looked up', async () => {
    await put('ada');
    const batch = await seal(incoming('ada'));
    await eraseRecipient(db, tenantId, 'ada', { jobId: 'erasure', createdBy: 'test' }, at);
    await put('ada');
    await write(batch);
    expect(await emailOf('ada')).toBe('ada@file.example');
  });

  it('has of everybody one key, when several are written at once', async () => {
    const batches = await Promise.all([1, 2, 3].map(() => seal(incoming('ada', 'bob', 'eve'))));
    await Promise.all(batches.map(write));
    expect(await Promise.all(['ada', 'bob', 'eve'].map(emailOf))).toEqual([
      'ada@file.example',
      'bob@file.example',
      'eve@file.example',
    ]);
    const { rows } = await db.pool.query('select count(*)::int as keys from recipient_key');
    expect(rows).toEqual([{ keys: 3 }]);
  });

  it('belongs to its tenant alone', async () => {
    await put('ada');
    const other = await db.prisma.tenant.create({ data: { name: 'other', defaultTimeZone: 'UTC' } });
    const batch = await sealBatch(db, keyRing, other.id, incoming('ada'), () => Promise.resolve());
    await inTransaction(db, (client) => writeBatch(client, keyRing, other.id, batch, at));
    expect(await emailOf('ada')).toBe('ada@put.example');
    expect((await findRecipient(db, keyRing, other.id, 'ada'))?.email).toBe('ada@file.example');
  });
});
