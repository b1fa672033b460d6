import { gzipSync } from 'node:zlib';
import { request } from 'node:http';
import { findJob } from '../../store/jobs';
import { startService } from '../../test/api/service';
import type { Call, TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService({
    config: {
      adminKey: 'test-admin-key-0123456789',
      temporalUiUrl: undefined,
      importMaxBytes: 50_000,
      webhook: null,
    },
  });
});
afterAll(() => service.stop());

beforeEach(async () => {
  await service.deps.db.pool.query(`update job set status = 'completed' where status = 'running'`);
});

const PATH = '/v1/recipients/import';
const FILE = 'id,email,plan\nada,ada@example.com,premium\nbob,bob@example.com,\n';

const send = (rawBody: Call['rawBody'], headers: Record<string, string> = {}): Promise<TestAnswer> =>
  service.admin('POST', PATH, {
    ...(rawBody !== undefined && { rawBody }),
    headers: { 'Content-Type': 'text/csv', ...headers },
  });

const staged = async (): Promise<number> => {
  const { rows } = await service.deps.db.pool.query('select count(*)::int as count from job_block');
  return rows[0].count;
};

describe('POST /v1/recipients/import', () => {
  it('202: answers with the job once the file is in, and announces it', async () => {
    const { status, body, headers } = await send(FILE);
    expect(status).toBe(202);
    expect(body).toEqual({
      id: expect.stringMatching(/^job_/),
      kind: 'import',
      status: 'running',
      progress: { done: 0, total: 2, failed: 0 },
      errorsUrl: null,
      errorsLeftOut: 0,
      failure: null,
      createdBy: 'admin',
      createdAt: new Date(service.clock.now).toISOString(),
      finishedAt: null,
    });
    expect(headers.get('location')).toBe(`/v1/jobs/${body.id}`);
    expect((await service.admin('GET', `/v1/jobs/${body.id}`)).body).toEqual(body);
    expect(service.announced.count).toBe(1);
  });

  it('202: keeps no line of the file that could be read without the keys', async () => {
    const { rows } = await service.deps.db.pool.query('select sealed, key_id from job_block');
    expect(rows.map(({ key_id }) => key_id)).toEqual(['test']);
    for (const { sealed } of rows) {
      for (const word of ['ada', 'example.com', 'premium']) expect(sealed.includes(word)).toBe(false);
    }
    const jobs = await service.deps.db.pool.query('select * from job');
    expect(JSON.stringify(jobs.rows)).not.toContain('ada');
    expect(service.log.join('')).not.toMatch(/ada|premium/);
  });

  it('202: takes JSON lines, gzip, and a charset', async () => {
    const lines = '{"id":"ada"}\n{"id":"bob"}\n{"id":"eve"}\n';
    const ndjson = await send(lines, { 'Content-Type': 'application/x-ndjson; charset=UTF-8' });
    expect([ndjson.status, ndjson.body.progress.total]).toEqual([202, 3]);
    const zipped = await send(gzipSync(FILE), { 'Content-Encoding': 'gzip' });
    expect([zipped.status, zipped.body.progress.total]).toEqual([202, 2]);
  });

  it('202: takes a body that does not say how long it is', async () => {
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const sent = request(
        service.url + PATH,
        {
          method: 'POST',
          headers: { 'Content-Type': 'text/csv', Authorization: 'Bearer test-admin-key-0123456789' },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (piece: string) => (text += piece));
          response.on('end', () => resolve({ status: response.statusCode, text }));
        },
      );
      sent.on('error', reject);
      for (const piece of FILE) sent.write(piece);
      sent.end();
    });
    expect(answer.status).toBe(202);
    expect(JSON.parse(answer.text).progress.total).toBe(2);
  });

  it.each([
    ['no body', undefined, {}, 400, 'body.missing'],
    ['an empty file', '\n', {}, 400, 'body.missing'],
    ['another type', FILE, { 'Content-Type': 'application/json' }, 415, 'content-type.unsupported'],
    [
      'another charset',
      FILE,
      { 'Content-Type': 'text/csv; charset=latin1' },
      415,
      'content-type.unsupported',
    ],
    ['another compression', FILE, { 'Content-Encoding': 'br' }, 415, 'content-type.unsupported'],
    ['what is not gzip', FILE, { 'Content-Encoding': 'gzip' }, 400, 'request.malformed'],
    [
      'a file that is cut off',
      gzipSync(FILE).subarray(0, 40),
      { 'Content-Encoding': 'gzip' },
      400,
      'request.malformed',
    ],
    ['a file that is too large', `${FILE}${'x,,\n'.repeat(20_000)}`, {}, 413, 'body.too-large'],
    [
      'a file that is too large once it is decompressed',
      gzipSync(`${FILE}${'x,,\n'.repeat(20_000)}`),
      { 'Content-Encoding': 'gzip' },
      413,
      'body.too-large',
    ],
    ['a header that cannot be used', 'email,plan\n', {}, 422, 'request.invalid'],
  ] as const)('refuses %s, and keeps nothing of it', async (_what, body, headers, status, code) => {
    const before = await staged();
    const answer = await send(body === undefined ? body : Buffer.from(body), headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await staged()).toBe(before);
  });

  it('422: names the column that is wrong', async () => {
    const { body } = await send('id,Email,plan,plan\n');
    expect(
      body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ).toEqual([
      ['/header/1', 'field.unknown'],
      ['/header/3', 'field.conflict'],
    ]);
  });

  it('429: leaves no more than five running at once for a tenant, however they are sent', async () => {
    const { send: other } = await service.otherTenant();
    const call = { rawBody: FILE, headers: { 'Content-Type': 'text/csv' } };
    const answers = await Promise.all(Array.from({ length: 9 }, () => other('POST', PATH, call)));
    expect(answers.map(({ status }) => status).toSorted((one, next) => one - next)).toEqual([
      202, 202, 202, 202, 202, 429, 429, 429, 429,
    ]);
    const before = await staged();
    const { status, body, headers } = await other('POST', PATH, call);
    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'import.too-many', '30']);
    expect(await staged()).toBe(before);
    expect((await send(FILE)).status).toBe(202);
    const running = answers.find((answer) => answer.status === 202);
    await other('DELETE', `/v1/jobs/${running?.body.id}`);
    expect((await other('POST', PATH, call)).status).toBe(202);
  });

  it('403: may not be done by who may only read', async () => {
    const analyst = await service.withRole('ANALYST');
    const call = { rawBody: FILE, headers: { 'Content-Type': 'text/csv' } };
    expect((await analyst('POST', PATH, call)).status).toBe(403);
    const marketer = await service.withRole('MARKETER');
    const { status, body } = await marketer('POST', PATH, call);
    expect([status, body.createdBy]).toEqual([202, expect.stringMatching(/^key_/)]);
    expect((await service.anonymous('POST', PATH, call)).status).toBe(401);
  });
});

describe('an Idempotency-Key on an import', () => {
  const headers = { 'Idempotency-Key': 'import-1' };

  it('202: makes the job once, and drops the file that came again', async () => {
    const first = await send(FILE, headers);
    const before = await staged();
    const again = await send(FILE, headers);
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await staged()).toBe(before);
  });

  it('409: does not stand for another file', async () => {
    const before = await staged();
    const { status, body } = await send(`${FILE}eve,,\n`, headers);
    expect([status, body.code]).toEqual([409, 'idempotency.mismatch']);
    expect(await staged()).toBe(before);
  });

  it('202: is left free by a file that was refused', async () => {
    const other = { 'Idempotency-Key': 'import-2' };
    expect((await send('plan\nx\n', other)).status).toBe(422);
    expect((await send(FILE, other)).status).toBe(202);
  });
});

describe('DELETE /v1/jobs/:id', () => {
  it('200: cancels a job and drops its file', async () => {
    const { body: job } = await send(FILE);
    const before = await staged();
    const { status, body } = await service.admin('DELETE', `/v1/jobs/${job.id}`);
    expect([status, body.status, body.finishedAt]).toEqual([
      200,
      'cancelled',
      new Date(service.clock.now).toISOString(),
    ]);
    expect(await staged()).toBe(before - 1);
  });

  it('409: does not cancel what is over', async () => {
    await service.admin('PUT', '/v1/recipients/gone', { body: {} });
    const { body: erasure } = await service.admin('DELETE', '/v1/recipients/gone');
    const { status, body } = await service.admin('DELETE', `/v1/jobs/${erasure.id}`);
    expect([status, body.code]).toEqual([409, 'job.state.conflict']);
    expect(body.detail).toBe('The job is completed and cannot be cancelled any more.');
  });

  it('404: does not know a job that never was, nor one of another tenant', async () => {
    const { body: job } = await send(FILE);
    const { send: stranger, tenantId } = await service.otherTenant();
    expect((await stranger('DELETE', `/v1/jobs/${job.id}`)).status).toBe(404);
    expect((await stranger('GET', `/v1/jobs/${job.id}/errors`)).status).toBe(404);
    expect((await service.admin('DELETE', '/v1/jobs/job_none')).status).toBe(404);
    expect(await findJob(service.deps.db, { tenantId, jobId: job.id })).toBeNull();
    expect((await service.admin('GET', `/v1/jobs/${job.id}`)).body.status).toBe('running');
  });
});

describe('GET /v1/jobs/:id/errors', () => {
  it('200: is every error in the order of the file, a JSON object a line', async () => {
    const { body: job } = await send(FILE);
    await service.deps.db.pool.query(
      `insert into job_error (job_id, line, place, "column", code, reason)
       select $1, n, place, 'email', 'email.invalid', 'wrong'
         from generate_series(2, 1300) as n, generate_series(1, 2) as place`,
      [job.id],
    );
    const { body: read } = await service.admin('GET', `/v1/jobs/${job.id}`);
    expect(read.errorsUrl).toBe(`/v1/jobs/${job.id}/errors`);
    const answer = await service.admin('GET', read.errorsUrl);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines: string[] = answer.body.trimEnd().split('\n');
    expect(lines.length).toBe(2_598);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      line: 2,
      column: 'email',
      code: 'email.invalid',
      reason: 'wrong',
    });
    expect(lines.map((line) => JSON.parse(line).line)).toEqual(
      Array.from({ length: 2_598 }, (_, index) => 2 + Math.floor(index / 2)),
    );
    expect((await service.admin('HEAD', read.errorsUrl)).status).toBe(200);
  });

  it('200: is empty when nothing was refused', async () => {
    const { body: job } = await send(FILE);
    const answer = await service.admin('GET', `/v1/jobs/${job.id}/errors`);
    expect([answer.status, answer.body]).toEqual([200, '']);
  });
});
