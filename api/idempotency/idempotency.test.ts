import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createKeyRing } from '../../platform/crypto';
import { forgetExpired } from '../../store/idempotency';
import { mountedRoutes } from '../../test/api/routes';
import { startService } from '../../test/api/service';
import type { Call, TestAnswer, TestService } from '../../test/api/service';
import { eventually } from '../../test/eventually';
import { isWrite } from '../http/route';

let service: TestService;
/** What was to be seen of the outbox, from another connection, when a command was announced. */
const seenWhenAnnounced: Promise<number>[] = [];
beforeAll(async () => {
  service = await startService({
    commandWritten: () => seenWhenAnnounced.push(countOf('outbox')),
  });
});
afterAll(() => service.stop());
beforeEach(() => {
  seenWhenAnnounced.length = 0;
});

const schedule = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: '2026-12-01T09:00:00' };

let made = 0;
const newKey = (): string => `key-${(made += 1)}`;

const withKey = (key: string, body?: unknown): Call => ({
  ...(body !== undefined && { body }),
  headers: { 'Idempotency-Key': key },
});

const create = (key: string, body: unknown = schedule): Promise<TestAnswer> =>
  service.admin('POST', '/v1/schedules', withKey(key, body));

async function countOf(table: string): Promise<number> {
  const { rows } = await service.deps.db.pool.query<{ count: number }>(
    `select count(*)::int as count from ${table}`,
  );
  return rows[0]?.count ?? -1;
}

/** Another connection that holds a schedule's row until it is told otherwise. */
async function holding(
  id: string,
): Promise<{ waiting: () => Promise<number[]>; release: () => Promise<void> }> {
  const { rows } = await service.deps.db.pool.query<{ name: string }>('select current_database() as name');
  const { host, port, user, password } = new Client({
    connectionString: JSON.parse(process.env['SUNDIAL_TEST_STACK'] ?? '{}').postgres,
  });
  const client = new Client({
    host,
    port,
    ...(user && { user }),
    ...(password && { password }),
    database: rows[0]?.name,
  });
  await client.connect();
  await client.query('begin');
  const { rows: own } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  await client.query('select 1 from schedule where id = $1 for update', [id]);
  return {
    async waiting() {
      const blocked = await service.deps.db.pool.query<{ pid: number }>(
        'select pid from pg_stat_activity where $1 = any (pg_blocking_pids(pid))',
        [own[0]?.pid],
      );
      return blocked.rows.map(({ pid }) => pid);
    },
    async release() {
      await client.query('rollback');
      await client.end();
    },
  };
}

describe('a write with an Idempotency-Key', () => {
  it('is done once, and answered alike when it is repeated: status, body, Location and ETag', async () => {
    const key = newKey();
    const first = await create(key);
    const before = await countOf('schedule');
    const again = await create(key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    for (const header of ['location', 'etag', 'content-type']) {
      expect(again.headers.get(header)).toBe(first.headers.get(header));
    }
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await countOf('schedule')).toBe(before);
    expect(seenWhenAnnounced).toHaveLength(1);
  });

  it('announces its command when it is committed, and not before', async () => {
    const before = await countOf('outbox');
    await create(newKey());
    expect(await Promise.all(seenWhenAnnounced)).toEqual([before + 1]);
  });

  it('is the same under an alias and with the members of its body in another order', async () => {
    const key = newKey();
    const first = await create(key);
    const { name, ...rest } = schedule;
    const again = await service.admin('POST', '/schedules', withKey(key, { ...rest, name }));
    expect(again.body.id).toBe(first.body.id);
  });

  it('is answered as before although the state has moved on', async () => {
    const { id } = (await create(newKey())).body;
    const key = newKey();
    const pause = (): Promise<TestAnswer> => service.admin('POST', `/v1/schedules/${id}/pause`, withKey(key));
    await pause();
    await service.admin('POST', `/v1/schedules/${id}/resume`);
    expect([(await pause()).status, (await pause()).body.status]).toEqual([202, 'paused']);
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body.status).toBe('scheduled');
  });

  it('is answered as before under another If-Match: the writer may have read anew', async () => {
    const { id } = (await create(newKey())).body;
    const key = newKey();
    const patch = (version: number): Promise<TestAnswer> =>
      service.admin('PATCH', `/v1/schedules/${id}`, {
        body: { name: 'Once' },
        headers: { 'Idempotency-Key': key, 'If-Match': `"${version}"` },
      });
    expect([(await patch(1)).body.version, (await patch(2)).body.version]).toEqual([2, 2]);
  });

  it('has an answer without a body replayed without one', async () => {
    const { id } = (await create(newKey())).body;
    const key = newKey();
    const remove = (): Promise<TestAnswer> => service.admin('DELETE', `/v1/schedules/${id}`, withKey(key));
    expect([(await remove()).status, (await remove()).status, (await remove()).body]).toEqual([
      204,
      204,
      undefined,
    ]);
  });

  it('409: the key stands for no other body and no other route', async () => {
    const key = newKey();
    const { id } = (await create(key)).body;
    const before = await countOf('schedule');
    const otherBody = await create(key, { ...schedule, name: 'Other' });
    const otherRoute = await service.admin('POST', `/v1/schedules/${id}/pause`, withKey(key));
    for (const { status, body } of [otherBody, otherRoute]) {
      expect([status, body.code]).toEqual([409, 'idempotency.mismatch']);
    }
    expect(await countOf('schedule')).toBe(before);
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body.status).toBe('scheduled');
  });

  it('belongs to the credential that sent it', async () => {
    const key = newKey();
    const first = await create(key);
    const marketer = await service.withRole('MARKETER');
    const stranger = (await service.otherTenant()).send;
    const others = await Promise.all(
      [marketer, stranger].map((send) => send('POST', '/v1/schedules', withKey(key, schedule))),
    );
    expect(others.map(({ status }) => status)).toEqual([201, 201]);
    expect(new Set([first, ...others].map(({ body }) => body.id)).size).toBe(3);
  });

  it('leaves its key free when it was refused', async () => {
    const key = newKey();
    expect((await create(key, { ...schedule, name: '' })).status).toBe(422);
    expect((await create(key)).status).toBe(201);
  });

  it('is kept for 24 hours', async () => {
    const key = newKey();
    const first = await create(key);
    service.clock.now += 86_399_000;
    const within = await create(key);
    service.clock.now += 2_000;
    const after = await create(key);
    service.clock.now -= 86_401_000;
    expect(within.body.id).toBe(first.body.id);
    expect([after.status, after.body.id === first.body.id]).toEqual([201, false]);
  });

  it.each([' ', 'x'.repeat(256), 'clé'])('400: is refused with the key %j', async (key) => {
    const { status, body } = await create(key);
    expect([status, body.code]).toEqual([400, 'idempotency.key-invalid']);
  });
});

describe('the same key at the same time', () => {
  it('does the write once, however many ask', async () => {
    const key = newKey();
    const before = await countOf('schedule');
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(key)));
    expect(await countOf('schedule')).toBe(before + 1);
    const done = answers.filter(({ status }) => status === 201);
    const turnedAway = answers.filter(({ status }) => status === 409);
    expect(done.length + turnedAway.length).toBe(20);
    expect(new Set(done.map(({ body }) => body.id)).size).toBe(1);
    expect(done.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
    for (const { body, headers } of turnedAway) {
      expect([body.code, headers.get('retry-after')]).toEqual(['idempotency.in-progress', '1']);
    }
  });

  it('409: does not wait for the first', async () => {
    const { id } = (await create(newKey())).body;
    const row = await holding(id);
    const key = newKey();
    const pause = (): Promise<TestAnswer> => service.admin('POST', `/v1/schedules/${id}/pause`, withKey(key));
    const first = pause();
    await eventually('the first waits', async () => (await row.waiting()).length === 1);
    const second = await pause();
    expect([second.status, second.body.code]).toEqual([409, 'idempotency.in-progress']);
    await row.release();
    expect((await first).status).toBe(202);
    expect([(await pause()).status, (await pause()).headers.get('idempotency-replayed')]).toEqual([
      202,
      'true',
    ]);
  });

  it('leaves nothing behind when its process or connection dies, and is done by the next try', async () => {
    const { id } = (await create(newKey())).body;
    const row = await holding(id);
    const key = newKey();
    const pause = (): Promise<TestAnswer> => service.admin('POST', `/v1/schedules/${id}/pause`, withKey(key));
    const first = pause();
    const [pid] = await eventually('the first waits', async () => {
      const pids = await row.waiting();
      return pids.length === 1 && pids;
    });
    await service.deps.db.pool.query('select pg_terminate_backend($1)', [pid]);
    expect((await first).body.code).toBe('database.unavailable');
    await row.release();
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body.status).toBe('scheduled');
    const next = await pause();
    expect([next.status, next.headers.get('idempotency-replayed')]).toEqual([202, null]);
  });

  it('needs one connection a request: many at once, on a small pool, are all done', async () => {
    const keys = Array.from({ length: 20 }, newKey);
    const answers = await Promise.all(keys.map((key) => create(key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  });
});

/** All that stands in the table. */
async function kept(): Promise<string> {
  const { rows } = await service.deps.db.pool.query('select * from idempotency');
  return rows
    .map(
      ({ id, recipient, key_id: keyId, sealed }) =>
        [id, recipient, sealed].map((bytes: Buffer | null) => bytes?.toString('latin1')).join() + keyId,
    )
    .join();
}

describe('a kept answer', () => {
  const ada = { email: 'ada@example.com', attributes: { first_name: 'Ada' } };
  it('is sealed: nobody reads a person out of the table', async () => {
    await service.admin('PUT', '/v1/recipients/ada@example.com', withKey(newKey(), ada));
    // Three letters alone stand in a hundred kilobytes of cipher by chance, one time in twenty.
    expect(await kept()).not.toMatch(/ada@|example|first_name/i);
  });

  it('is forgotten with the person whom it tells of', async () => {
    const [key, patchKey] = [newKey(), newKey()];
    const put = (): Promise<TestAnswer> => service.admin('PUT', '/v1/recipients/bea', withKey(key, ada));
    await put();
    await service.admin('PATCH', '/v1/recipients/bea', withKey(patchKey, { locale: 'de' }));
    const before = await countOf('idempotency');
    await service.admin('DELETE', '/v1/recipients/bea');
    expect(await countOf('idempotency')).toBe(before - 2);
    const again = await put();
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, null]);
  });

  it('is deleted when its day is over', async () => {
    await create(newKey());
    const later = new Date(service.clock.now + 3 * 86_400_000);
    expect(await forgetExpired(service.deps.db, new Date(service.clock.now), 1_000)).toBe(0);
    expect(await forgetExpired(service.deps.db, later, 1)).toBe(1);
    const rest = await countOf('idempotency');
    expect(await forgetExpired(service.deps.db, later, 1_000)).toBe(rest);
  });
});

describe('the key that an answer is sealed with', () => {
  const [old, fresh] = [
    { id: 'old', key: randomBytes(32) },
    { id: 'fresh', key: randomBytes(32) },
  ];
  const key = 'across-a-rotation';
  let ring = createKeyRing([old]);
  let rotated: TestService;
  const send = (): Promise<TestAnswer> => rotated.admin('POST', '/v1/schedules', withKey(key, schedule));
  beforeAll(async () => {
    rotated = await startService({
      keyRing: {
        ...ring,
        sealByRing: (...given) => ring.sealByRing(...given),
        openByRing: (...given) => ring.openByRing(...given),
      },
    });
  });
  afterAll(() => rotated.stop());

  it('may be rotated within the day', async () => {
    const first = await send();
    ring = createKeyRing([fresh, old]);
    expect((await send()).body).toEqual(first.body);
  });

  it('500: is named in the log when it was taken away too early, and nothing is done twice', async () => {
    ring = createKeyRing([fresh]);
    const answer = await send();
    expect([answer.status, answer.body.code]).toEqual([500, 'encryption.key-missing']);
    expect(rotated.log.some((line) => line.includes('"keyId":"old"'))).toBe(true);
    expect((await rotated.admin('GET', '/v1/schedules')).body.items).toHaveLength(1);
  });
});

describe('routes', () => {
  it('take a key on every write and pass it over on all others', async () => {
    const document = (await service.anonymous('GET', '/openapi.json')).body;
    for (const { route, method, path } of mountedRoutes(service.deps)) {
      const operation = document.paths[path.replace('some-id', '{id}')][method.toLowerCase()];
      const names = operation.parameters.map(({ name }: { name: string }) => name);
      expect([method, path, names.includes('Idempotency-Key')]).toEqual([method, path, isWrite(route)]);
    }
    const preview = withKey('', { schedule: { runAt: '2026-12-01T09:00:00' } });
    expect((await service.admin('POST', '/v1/schedules/preview', preview)).status).toBe(200);
  });
});
