import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

beforeEach(async () => {
  service.log.length = 0;
  await service.deps.db.pool.query('truncate suppression');
});

const create = (body: unknown): Promise<TestAnswer> => service.admin('POST', '/v1/suppressions', { body });

const lookup = (channel: string, address: string): Promise<TestAnswer> =>
  service.admin('POST', '/v1/suppressions/lookup', { body: { channel, address } });

const batch = (suppressions: unknown): Promise<TestAnswer> =>
  service.admin('POST', '/v1/suppressions/batch', { body: { suppressions } });

const errorsOf = ({ body }: TestAnswer): [string, string, string][] =>
  body.errors.map(({ pointer, code, message }: Record<string, string>) => [pointer, code, message]);

describe('POST /v1/suppressions', () => {
  it('201: suppresses, says where, and never tells the address again', async () => {
    const answer = await create({ channel: 'email', address: 'ada@example.com', reason: 'complaint' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/suppressions/${answer.body.id}`);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^sup_/),
      channel: 'email',
      reason: 'complaint',
      source: 'api',
      createdBy: 'admin',
      createdAt: new Date(service.clock.now).toISOString(),
    });
    const read = await service.admin('GET', `/v1/suppressions/${answer.body.id}`);
    expect([read.status, read.body]).toEqual([200, answer.body]);
    const { rows } = await service.deps.db.pool.query('select * from suppression, address_key');
    expect(JSON.stringify([rows, service.log])).not.toContain('ada');
  });

  it('200: leaves one that is there as it was, however the address is written', async () => {
    const first = await create({ channel: 'email', address: 'ada@example.com', reason: 'complaint' });
    service.clock.now += 60_000;
    const again = await create({ channel: 'email', address: 'ADA@Example.com' });
    expect([again.status, again.body]).toEqual([200, first.body]);
  });

  it('201: keeps channels apart, and is manual unless a reason is given', async () => {
    const { body } = await create({ channel: 'sms', address: '+4915112345678' });
    expect(body).toMatchObject({ channel: 'sms', reason: 'manual' });
    expect((await lookup('sms', '+4915112345678')).body).toEqual({ suppression: body });
  });

  it('422: names everything that is wrong and how to write it', async () => {
    expect(errorsOf(await create({ channel: 'push', address: 5, reason: 'bored', note: 'x' }))).toEqual([
      ['/channel', 'field.value', expect.stringContaining('email')],
      ['/address', 'field.type', expect.any(String)],
      ['/reason', 'field.value', expect.stringContaining('complaint')],
      ['/note', 'field.unknown', expect.any(String)],
    ]);
    expect(errorsOf(await create({ channel: 'email', address: '+4915112345678' }))).toEqual([
      ['/address', 'email.invalid', expect.stringContaining('ada@example.com')],
    ]);
    expect(errorsOf(await create({ channel: 'sms', address: 'ada@example.com' }))).toEqual([
      ['/address', 'phone.invalid', expect.stringContaining('+4915112345678')],
    ]);
    expect(errorsOf(await create({ channel: 'email' }))).toEqual([
      ['/address', 'field.required', expect.any(String)],
    ]);
  });

  it('403: is for those who may write', async () => {
    const analyst = await service.withRole('ANALYST');
    const { status } = await analyst('POST', '/v1/suppressions', {
      body: { channel: 'email', address: 'ada@example.com' },
    });
    expect(status).toBe(403);
    expect((await analyst('GET', '/v1/suppressions')).status).toBe(200);
  });
});

describe('POST /v1/suppressions/batch', () => {
  it('200: answers what holds of each in their order, doubles and known ones included', async () => {
    const known = await create({ channel: 'email', address: 'bob@example.com', reason: 'hard-bounce' });
    const { status, body } = await batch([
      { channel: 'email', address: 'ada@example.com' },
      { channel: 'email', address: 'bob@example.com' },
      { channel: 'email', address: 'Ada@example.com', reason: 'complaint' },
      { channel: 'sms', address: '+4915112345678' },
    ]);
    expect(status).toBe(200);
    expect(body.items[1]).toEqual(known.body);
    expect(body.items[2]).toEqual(body.items[0]);
    expect(new Set(body.items.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  it('422: takes none when one is wrong, and says which', async () => {
    const wrong = await batch([
      { channel: 'email', address: 'ada@example.com' },
      { channel: 'email', address: 'ada' },
    ]);
    expect(errorsOf(wrong)).toEqual([
      ['/suppressions/1/address', 'email.invalid', expect.stringContaining('ada@example.com')],
    ]);
    expect((await lookup('email', 'ada@example.com')).body).toEqual({ suppression: null });
  });

  it('422: takes from 1 to 1,000 at once', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => ({
      channel: 'email',
      address: `p${index}@example.com`,
    }));
    expect(errorsOf(await batch(many))).toEqual([['/suppressions', 'field.too-long', expect.any(String)]]);
    expect(errorsOf(await batch([]))).toEqual([['/suppressions', 'field.too-short', expect.any(String)]]);
    expect((await batch(many.slice(1))).body.items).toHaveLength(1_000);
  });
});

describe('POST /v1/suppressions/lookup', () => {
  it('200: finds by address, in any spelling, on that channel alone', async () => {
    const { body } = await create({ channel: 'email', address: 'ada@example.com' });
    expect((await lookup('email', 'Ada@example.COM')).body).toEqual({ suppression: body });
    expect((await lookup('email', 'bob@example.com')).body).toEqual({ suppression: null });
    expect((await lookup('sms', '+4915112345678')).body).toEqual({ suppression: null });
  });

  it('200: finds nothing of another tenant, whose hashes differ', async () => {
    await create({ channel: 'email', address: 'ada@example.com' });
    const { send } = await service.otherTenant();
    const asked = await send('POST', '/v1/suppressions/lookup', {
      body: { channel: 'email', address: 'ada@example.com' },
    });
    expect(asked.body).toEqual({ suppression: null });
    await send('POST', '/v1/suppressions', { body: { channel: 'email', address: 'ada@example.com' } });
    const { rows } = await service.deps.db.pool.query('select distinct hash from suppression');
    expect(rows).toHaveLength(2);
  });

  it('422: wants an address of the channel', async () => {
    expect(errorsOf(await lookup('email', 'ada'))).toEqual([
      ['/address', 'email.invalid', expect.stringContaining('ada@example.com')],
    ]);
  });
});

describe('GET /v1/suppressions', () => {
  it('200: lists newest first, in stretches, by channel when asked', async () => {
    const ids: string[] = [];
    for (const address of ['a@example.com', 'b@example.com', 'c@example.com']) {
      ids.unshift((await create({ channel: 'email', address })).body.id);
    }
    const sms = (await create({ channel: 'sms', address: '+4915112345678' })).body.id;
    const first = await service.admin('GET', '/v1/suppressions?limit=2');
    const rest = await service.admin('GET', `/v1/suppressions?limit=2&cursor=${first.body.nextCursor}`);
    const listed = [...first.body.items, ...rest.body.items].map(({ id }) => id);
    expect([listed, rest.body.nextCursor]).toEqual([[sms, ...ids], null]);
    const { body } = await service.admin('GET', '/v1/suppressions?channel=sms');
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([sms]);
  });

  it('422: takes no address, which does not belong into a URL', async () => {
    const refused = await service.admin('GET', '/v1/suppressions?address=ada@example.com');
    expect(errorsOf(refused)).toEqual([['/query/address', 'field.unknown', expect.any(String)]]);
    expect(JSON.stringify(service.log)).not.toContain('ada@example.com');
  });
});

describe('DELETE /v1/suppressions/:id', () => {
  it('204: lifts it, and it is gone', async () => {
    const { body } = await create({ channel: 'email', address: 'ada@example.com' });
    expect((await service.admin('DELETE', `/v1/suppressions/${body.id}`)).status).toBe(204);
    expect((await lookup('email', 'ada@example.com')).body).toEqual({ suppression: null });
    for (const method of ['GET', 'DELETE']) {
      const gone = await service.admin(method, `/v1/suppressions/${body.id}`);
      expect([gone.status, gone.body.code]).toEqual([404, 'suppression.unknown']);
    }
  });
});

describe('the erasure of a person', () => {
  it('leaves the suppression of their address, also for whoever comes with it next', async () => {
    await service.admin('PUT', '/v1/recipients/ada', { body: { email: 'ada@example.com' } });
    const { body } = await create({ channel: 'email', address: 'ada@example.com' });
    expect((await service.admin('DELETE', '/v1/recipients/ada')).status).toBe(202);
    await service.admin('PUT', '/v1/recipients/ada', { body: { email: 'ada@example.com' } });
    expect((await lookup('email', 'ada@example.com')).body).toEqual({ suppression: body });
  });
});
