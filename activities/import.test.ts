import { randomBytes } from 'node:crypto';
import { createKeyRing } from '../platform/crypto';
import { cancelJob } from '../store/jobs';
import { eraseRecipient, findRecipient, listRecipients, putRecipient } from '../store/recipients';
import type { RecipientRecord } from '../store/recipients';
import { openImports } from '../test/imports';
import type { Imports } from '../test/imports';

jest.setTimeout(120_000);

let imports: Imports;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());
beforeEach(async () => {
  imports.log.length = 0;
  await imports.db.pool.query('truncate recipient, recipient_key, job, job_error, job_block');
});

const find = (id: string): Promise<RecipientRecord | null> =>
  findRecipient(imports.db, imports.keyRing, imports.tenantId, id);

async function everybody(): Promise<RecipientRecord[]> {
  const slice = { limit: 100_000, after: null };
  return (await listRecipients(imports.db, imports.keyRing, imports.tenantId, slice)).items;
}

const csv = (...lines: string[]): string => ['id,email,phone,locale,timeZone,plan', ...lines, ''].join('\n');

/** So many people, one a line. */
const people = (count: number, plan = 'free'): string[] =>
  Array.from({ length: count }, (_, n) => `p${n},p${n}@example.com,,en,Europe/Vienna,${plan}`);

describe('an import', () => {
  it('creates people as a PUT of each would', async () => {
    const job = await imports.stage(
      csv(
        'ada,ada@example.com,+4915112345678,de-at,Europe/Vienna,premium',
        'bob,,+9779812345678,,,',
        'eve,,,,,',
      ),
    );
    expect(await imports.finish(job)).toEqual({
      kind: 'over',
      status: 'completed',
      done: 3,
      total: 3,
      failed: 0,
    });
    expect(await imports.job(job)).toMatchObject({
      status: 'completed',
      hasErrors: false,
      finishedAt: new Date(imports.clock.now),
    });
    expect(await find('ada')).toEqual({
      id: 'ada',
      email: 'ada@example.com',
      phone: '+4915112345678',
      locale: 'de-AT',
      timeZone: 'Europe/Vienna',
      zone: 'Europe/Vienna',
      zoneSource: 'profile',
      attributes: { plan: 'premium' },
      createdAt: new Date(imports.clock.now),
      updatedAt: new Date(imports.clock.now),
    });
    expect(await find('bob')).toMatchObject({ zone: 'Asia/Kathmandu', zoneSource: 'phone', attributes: {} });
    expect(await find('eve')).toMatchObject({ email: null, zone: null, zoneSource: 'default' });
  });

  it('replaces all that was known of people who are there, under the key that they have', async () => {
    const { db, keyRing, tenantId } = imports;
    const profile = {
      email: 'old@example.com',
      phone: '+4915112345678',
      locale: 'fr',
      timeZone: 'Asia/Tokyo',
      zone: 'Asia/Tokyo',
      zoneSource: 'profile',
      attributes: { old: true },
    } as const;
    const before = new Date('2026-01-01T00:00:00Z');
    await putRecipient(db, keyRing, tenantId, 'ada', profile, before);
    const { rows: keys } = await db.pool.query('select * from recipient_key');
    await imports.finish(await imports.stage(csv('ada,new@example.com,,,,')));
    expect(await find('ada')).toEqual({
      id: 'ada',
      email: 'new@example.com',
      phone: null,
      locale: null,
      timeZone: null,
      zone: null,
      zoneSource: 'default',
      attributes: {},
      createdAt: before,
      updatedAt: new Date(imports.clock.now),
    });
    expect((await db.pool.query('select * from recipient_key')).rows).toEqual(keys);
  });

  it('gives a key to somebody who has none', async () => {
    const { db, tenantId } = imports;
    await db.pool.query(`insert into recipient (tenant_id, external_id) values ($1, 'ada')`, [tenantId]);
    await imports.finish(await imports.stage(csv('ada,ada@example.com,,,,')));
    expect(await find('ada')).toMatchObject({ email: 'ada@example.com' });
  });

  it('takes JSON lines with attributes of every kind', async () => {
    const attributes = { tags: ['a', 'b'], address: { city: 'Wien' }, visits: 3, vip: true };
    const lines = [
      JSON.stringify({ id: 'ada', email: 'ada@example.com', attributes }),
      '',
      JSON.stringify({ id: 'bob', email: null }),
    ];
    await imports.finish(await imports.stage(lines.join('\r\n'), 'ndjson'));
    expect((await find('ada'))?.attributes).toEqual(attributes);
    expect(await everybody()).toHaveLength(2);
  });

  it('reads what spreadsheets write', async () => {
    const file =
      '\ufeffid,first_name,note\r\n"ada","Ada ""the first""","two\r\nlines, and a comma"\r\nbob,Çelik,\r\n';
    await imports.finish(await imports.stage(file));
    expect((await find('ada'))?.attributes).toEqual({
      first_name: 'Ada "the first"',
      note: 'two\r\nlines, and a comma',
    });
    expect((await find('bob'))?.attributes).toEqual({ first_name: 'Çelik' });
  });

  it('of nobody is done at once', async () => {
    expect(await imports.finish(await imports.stage('id,plan\n'))).toMatchObject({
      status: 'completed',
      total: 0,
    });
  });
});

describe('a row that is wrong', () => {
  it('is refused with its line, its column and the reason, and no other row', async () => {
    const file = Buffer.concat([
      Buffer.from(
        csv(
          'ada,nope,0151,xx_YY,PST,',
          ',ada@example.com,,,,',
          'short,x',
          'eve,"eve@example.com,,,,',
          'two,two@example.com,,,,"multi\nline"',
          'bob,bob@example.com,,,,pre"mium',
          'carol,,,,,a\u0000b',
        ),
      ),
      Buffer.from('dan,dan@example.com,,,,caf\xe9\n', 'latin1'),
      Buffer.from('zoe,zoe@example.com,,,,premium\n'),
    ]);
    const job = await imports.stage(file);
    expect(await imports.finish(job)).toMatchObject({ status: 'completed', done: 9, total: 9, failed: 7 });
    expect(await everybody().then((all) => all.map(({ id }) => id))).toEqual(['two', 'zoe']);
    const told = (await imports.errors(job)).map(({ line, column, code }) => [line, column, code]);
    expect(told).toEqual([
      [2, 'email', 'email.invalid'],
      [2, 'phone', 'phone.invalid'],
      [2, 'locale', 'locale.invalid'],
      [2, 'timeZone', 'zone.unknown'],
      [3, 'id', 'field.too-short'],
      [4, null, 'row.columns'],
      [5, null, 'row.unreadable'],
      [8, null, 'row.unreadable'],
      [9, 'plan', 'text.invalid'],
      [10, 'plan', 'row.encoding'],
    ]);
    const reasons = (await imports.errors(job)).map(({ reason }) => reason);
    expect(reasons).toContain('is not an IANA zone; did you mean America/Los_Angeles or Asia/Manila?');
    expect(reasons).toContain('has 2 cells where the header names 6 columns');
  });

  it('of JSON lines is refused likewise', async () => {
    const lines = [
      '{"id":"ada"}',
      '{"id":"ada",',
      '"ada"',
      '{"email":"ada@example.com"}',
      '{"id":7}',
      '{"id":"bob","attributes":{"locale":"x"},"plan":"premium"}',
      '{"id":"eve","attributes":{"ada@example.com":"\\u0000"}}',
    ];
    const job = await imports.stage(
      Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0xff])]),
      'ndjson',
    );
    expect(await imports.finish(job)).toMatchObject({ done: 8, failed: 7 });
    expect((await imports.errors(job)).map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, null, 'row.unreadable'],
      [3, null, 'field.type'],
      [4, 'id', 'field.required'],
      [5, 'id', 'field.type'],
      [6, 'locale', 'name.reserved'],
      [6, 'plan', 'field.unknown'],
      [7, null, 'text.invalid'],
      [8, null, 'row.encoding'],
    ]);
  });

  it('of a hundred is named among 20,000, and the others are imported', async () => {
    const lines = people(20_000).map((line, n) => (n % 100 === 7 ? line.replace('@', ' at ') : line));
    const job = await imports.stage(csv(...lines));
    expect(await imports.finish(job)).toMatchObject({ done: 20_000, total: 20_000, failed: 200 });
    const errors = await imports.errors(job);
    expect(errors.map(({ line, column }) => `${line} ${column}`)).toEqual(
      Array.from({ length: 200 }, (_, n) => `${n * 100 + 9} email`),
    );
    const { rows } = await imports.db.pool.query('select count(*)::int as count from recipient');
    expect(rows[0].count).toBe(19_800);
  });

  it('is told with all that is wrong in it at once, by the columns of the header, and never with a value', async () => {
    const row = 'ada,Lovelace,Byron,Noel,Ada Lovelace,Augusta,King';
    const job = await imports.stage(`id,email,phone,locale,timeZone,vip:boolean,visits:number\n${row}\n`);
    expect(await imports.finish(job)).toMatchObject({ done: 1, failed: 1 });
    const errors = await imports.errors(job);
    expect(errors.map(({ column }) => column)).toEqual([
      'vip:boolean',
      'visits:number',
      'email',
      'phone',
      'locale',
      'timeZone',
    ]);
    expect(JSON.stringify(errors)).not.toMatch(/Lovelace|Byron|Noel|Augusta|King/);
    const large = await imports.stage(`id,visits:number\nada,99999999999999999999\n`);
    await imports.finish(large);
    expect(await imports.errors(large)).toEqual([expect.objectContaining({ column: 'visits:number' })]);
  });

  it('has its first reasons told when it has hundreds', async () => {
    const wide = Array.from({ length: 100 }, (_, n) => `n${n}:number`);
    const job = await imports.stage(`id,${wide.join(',')}\nada,${wide.map(() => 'x').join(',')}\n`);
    await imports.finish(job);
    expect(await imports.errors(job)).toHaveLength(10);
  });
});

describe('a file that is full of errors', () => {
  it('has the first 100,000 kept and all of them counted, superseded lines too', async () => {
    const wide = Array.from({ length: 12 }, (_, n) => `n${n}:number`);
    const wrong = Array.from({ length: 10_100 }, (_, n) => `p${n},${wide.map(() => 'x').join(',')}`);
    const right = Array.from(
      { length: 2_000 },
      (_, n) => `twice${n % 1_000},${wide.map(() => '1').join(',')}`,
    );
    const job = await imports.stage([`id,${wide.join(',')}`, ...wrong, ...right, ''].join('\n'));
    expect(await imports.finish(job)).toMatchObject({ status: 'completed', done: 12_100, failed: 10_100 });
    const errors = await imports.errors(job);
    expect(errors).toHaveLength(100_000);
    expect(errors.at(-1)).toMatchObject({ line: 10_001, code: 'field.type' });
    expect(await imports.job(job)).toMatchObject({ hasErrors: true, errorsLeftOut: 2_000 });
  });

  it('is given up when it is surely the wrong one', async () => {
    const job = await imports.stage(`id,plan\n${',\n'.repeat(150_000)}`);
    expect(await imports.finish(job)).toMatchObject({
      kind: 'over',
      status: 'failed',
      done: 101_000,
      failed: 101_000,
    });
    expect(await imports.job(job)).toMatchObject({ failure: 'job.too-many-errors', errorsLeftOut: 1_000 });
    const { rows } = await imports.db.pool.query('select count(*)::int as count from job_error');
    expect(rows[0].count).toBe(100_000);
  });
});

describe('an id that stands twice in a file', () => {
  it('counts in its last right row, and the others are told, wherever they stand', async () => {
    const lines = people(2_500);
    lines[10] = 'twice,first@example.com,,,,a';
    lines[20] = 'twice,second@example.com,,,,b';
    lines[1_500] = 'twice,third@example.com,,,,c';
    lines[2_400] = 'twice,last@example.com,,,,d';
    lines[2_450] = 'twice,nope,,,,e';
    const job = await imports.stage(csv(...lines));
    expect(await imports.finish(job)).toMatchObject({ done: 2_500, failed: 1 });
    expect(await find('twice')).toMatchObject({ email: 'last@example.com', attributes: { plan: 'd' } });
    expect((await imports.errors(job)).map(({ line, code, reason }) => [line, code, reason])).toEqual([
      [12, 'row.superseded', 'line 22 has the same id and counts'],
      [22, 'row.superseded', 'line 1502 has the same id and counts'],
      [1_502, 'row.superseded', 'line 2402 has the same id and counts'],
      [2_452, 'email.invalid', expect.any(String)],
    ]);
  });
});

describe('an import that is interrupted', () => {
  it('goes on where its last block ended, and nothing is done twice', async () => {
    const job = await imports.stage(csv(...people(5_000)));
    const stop = new AbortController();
    const beats: number[] = [];
    const attempt = imports.advance(job, {
      stop: stop.signal,
      heartbeat({ done }) {
        beats.push(done);
        if (done === 2_000) stop.abort();
      },
    });
    await expect(attempt).rejects.toThrow('stopped');
    expect(beats).toEqual([1_000, 2_000]);
    expect(await imports.job(job)).toMatchObject({ status: 'running', step: 2, done: 2_000, total: 5_000 });

    const { rows } = await imports.db.pool.query('select max(rid)::text as last from recipient');
    await imports.finish(job);
    expect(await imports.job(job)).toMatchObject({ status: 'completed', done: 5_000, failed: 0 });
    const again = await imports.db.pool.query(
      'select count(*)::int as count, count(distinct external_id)::int as ids, count(*) filter (where rid <= $1)::int as before from recipient',
      [rows[0].last],
    );
    expect(again.rows).toEqual([{ count: 5_000, ids: 5_000, before: 2_000 }]);
  });

  it('is not done twice when an attempt that was given up lives on', async () => {
    const job = await imports.stage(csv(...people(5_000)));
    const states = await Promise.all([imports.advance(job), imports.advance(job), imports.advance(job)]);
    expect(states.length).toBe(3);
    await imports.finish(job);
    expect(await imports.job(job)).toMatchObject({ status: 'completed', step: 5, done: 5_000, failed: 0 });
    expect(await everybody()).toHaveLength(5_000);
    expect(await imports.errors(job)).toEqual([]);
  });

  it('hands back after a while, and tells how far it is', async () => {
    const job = await imports.stage(csv(...people(3_000)));
    const state = await imports.advance(job, {
      heartbeat: () => {
        imports.clock.now += 60_000;
      },
    });
    expect(state).toEqual({ kind: 'running', status: 'running', done: 2_000, total: 3_000, failed: 0 });
    expect(await imports.finish(job)).toMatchObject({ status: 'completed', done: 3_000 });
  });

  it('does nothing more once it is cancelled, and has done whole blocks by then', async () => {
    const { db, tenantId, clock } = imports;
    const job = await imports.stage(csv(...people(5_000)));
    const [state, cancelled] = await Promise.all([
      imports.advance(job),
      cancelJob(db, { tenantId, jobId: job }, new Date(clock.now)),
    ]);
    expect(cancelled).toBe(true);
    expect(state).toMatchObject({ kind: 'over', status: 'cancelled' });
    expect(await everybody()).toHaveLength(state.done);
    expect(state.done).toBeLessThan(5_000);
    expect(await imports.advance(job)).toEqual(state);
    expect((await db.pool.query('select 1 from job_block')).rows).toEqual([]);
  });
});

describe('an import beside others', () => {
  it('and another with the same people leave each as one of the two tells', async () => {
    const [one, other] = await Promise.all([
      imports.stage(csv(...people(3_000, 'one'))),
      imports.stage(csv(...people(3_000, 'other').toReversed())),
    ]);
    const ends = await Promise.all([imports.finish(one), imports.finish(other)]);
    expect(ends.map(({ status, done, failed }) => [status, done, failed])).toEqual([
      ['completed', 3_000, 0],
      ['completed', 3_000, 0],
    ]);
    const all = await everybody();
    expect(all).toHaveLength(3_000);
    for (const { id, email, attributes } of all) {
      expect(email).toBe(`${id}@example.com`);
      expect(['one', 'other']).toContain(attributes['plan']);
    }
    expect([...(await imports.errors(one)), ...(await imports.errors(other))]).toEqual([]);
  });

  it('and writes of single people leave everybody readable', async () => {
    const { db, keyRing, tenantId } = imports;
    const job = await imports.stage(csv(...people(3_000)));
    const profile = {
      email: 'put@example.com',
      phone: null,
      locale: null,
      timeZone: null,
      zone: null,
      zoneSource: 'default',
      attributes: {},
    } as const;
    const importing = imports.finish(job);
    for (let n = 0; n < 3_000; n += 50) {
      await putRecipient(db, keyRing, tenantId, `p${n}`, profile, new Date(imports.clock.now));
      if (n % 100 === 0)
        await eraseRecipient(
          db,
          tenantId,
          `p${n}`,
          { jobId: `erasure-${n}`, createdBy: 'test' },
          new Date(imports.clock.now),
        );
    }
    expect(await importing).toMatchObject({ status: 'completed', done: 3_000, failed: 0 });
    for (const { id, email } of await everybody()) {
      expect([`${id}@example.com`, 'put@example.com']).toContain(email);
    }
  });

  it('makes a new person of somebody who was erased', async () => {
    const { db, tenantId } = imports;
    await imports.finish(await imports.stage(csv('ada,old@example.com,,,,')));
    await eraseRecipient(
      db,
      tenantId,
      'ada',
      { jobId: 'erasure', createdBy: 'test' },
      new Date(imports.clock.now),
    );
    await imports.finish(await imports.stage(csv('ada,new@example.com,,,,')));
    const { rows } = await db.pool.query(
      'select external_id, erased_at is null as alive from recipient order by rid',
    );
    expect(rows).toEqual([
      { external_id: null, alive: false },
      { external_id: 'ada', alive: true },
    ]);
    expect(await find('ada')).toMatchObject({ email: 'new@example.com' });
  });
});

describe('what an import leaves', () => {
  it('holds no address in the clear, in no table and no line of the log', async () => {
    const { db } = imports;
    const secrets = ['secret.person@example.org', '+4915199887766', 'another.secret'];
    const job = await imports.stage(
      csv(
        `ada,${secrets[0]},${secrets[1]},en,,`,
        `bob,another.secret,${secrets[1]}x,${secrets[0]},${secrets[1]},`,
        `eve,,,${secrets[0]}`,
        `dan,"${secrets[0]}"x,,,,`,
      ),
    );
    const staged = await db.pool.query('select sealed from job_block');
    await imports.finish(job);
    const { rows: tables } = await db.pool.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
    );
    const kept: string[] = [Buffer.concat(staged.rows.map(({ sealed }) => sealed)).toString('latin1')];
    for (const { name } of tables) {
      const { rows } = await db.pool.query(`select * from ${name}`);
      kept.push(
        JSON.stringify(rows, (_key, value) =>
          isBuffer(value) ? Buffer.from(value.data).toString('latin1') : value,
        ),
      );
    }
    const seen = kept.join('\n') + imports.log.join('\n');
    for (const secret of secrets) expect(seen).not.toContain(secret);
    expect(await imports.errors(job)).not.toEqual([]);
    expect((await db.pool.query('select * from job_block')).rows).toEqual([]);
  });
});

function isBuffer(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'Buffer';
}

describe('an import that cannot go on', () => {
  it('fails when a part of its file is gone, and keeps what it did', async () => {
    const job = await imports.stage(csv(...people(2_500)));
    await imports.db.pool.query('delete from job_block where job_id = $1 and seq = 1', [job]);
    expect(await imports.finish(job)).toMatchObject({ kind: 'over', status: 'failed', done: 1_000 });
    expect(await imports.job(job)).toMatchObject({ status: 'failed', failure: 'job.input-lost' });
    expect(await everybody()).toHaveLength(1_000);
  });

  it('fails when a part of its file was changed', async () => {
    const job = await imports.stage(csv(...people(10)));
    await imports.db.pool.query(
      `update job_block set sealed = set_byte(sealed, 20, 0) || '\\x00' where job_id = $1`,
      [job],
    );
    expect(await imports.finish(job)).toMatchObject({ status: 'failed' });
    expect((await imports.job(job)).failure).toBe('job.input-lost');
  });

  it('waits for an encryption key that is missing', async () => {
    const job = await imports.stage(csv(...people(10)));
    const stranger = createKeyRing([{ id: 'k2', key: randomBytes(32) }]);
    for (let n = 0; n < 10; n += 1) {
      await expect(imports.advance(job, {}, stranger)).rejects.toThrow('Encryption key "k1"');
    }
    expect(await imports.finish(job)).toMatchObject({ status: 'completed', done: 10 });
  });

  it('fails after some tries when something is wrong on our side, and the log names it without a value', async () => {
    const job = await imports.stage(csv(...people(10)));
    const { pool } = imports.db;
    await pool.query(
      `alter table recipient add constraint never check (locale is distinct from 'en') not valid`,
    );
    for (let n = 1; n < 5; n += 1)
      await expect(imports.advance(job)).rejects.toThrow('A step of the job went wrong');
    expect(await imports.advance(job)).toMatchObject({ kind: 'over', status: 'failed', done: 0 });
    await pool.query('alter table recipient drop constraint never');
    expect((await imports.job(job)).failure).toBe('job.stuck');
    expect(imports.log.join('')).toContain('23514');
    expect(imports.log.join('')).not.toContain('example.com');
  });
});
