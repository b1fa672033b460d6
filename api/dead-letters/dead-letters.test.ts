import { CHANNEL_CODES } from '../../domain/delivery/channel';
import { REASON_CODES, STATE_CODES } from '../../domain/delivery/state';
import type { DeliveryReason } from '../../domain/delivery/state';
import { ensureDeliveryPartition } from '../../store/partitions';
import { readTotals } from '../../store/totals';
import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

const NOMINAL = '2026-12-01T09:00:00';

let service: TestService;

const sql = (text: string, ...values: unknown[]): Promise<{ rows: { id: string }[] }> =>
  service.deps.db.pool.query(text, values);

beforeAll(async () => {
  service = await startService();
  for (const person of ['ada', 'bob', 'cy']) {
    await service.admin('PUT', `/v1/recipients/${person}`, { body: {} });
  }
  await ensureDeliveryPartition(service.deps.db, '2026-12-01');
});
afterAll(() => service.stop());

beforeEach(async () => {
  await sql('delete from counter');
  await sql('delete from delivery');
});

/** A completed schedule whose mails to some people failed, and to cy did not. Returns its id. */
async function failed(reasons: Record<string, DeliveryReason>): Promise<string> {
  const body = { name: 'News', channel: 'email', content: { body: 'b' }, runAt: NOMINAL };
  const { id } = (await service.admin('POST', '/v1/schedules', { body })).body;
  await sql(`update schedule set status = 'completed', next_run_at = null where id = $1`, id);
  await sql('update outbox set done_at = now() where schedule_id = $1', id);
  const { rows } = await sql(
    `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at, closed_at)
     values (1, $1, 1, $2, '2026-12-01', 'completed', '2026-11-30T19:00:00Z', '2026-12-01T21:00:00Z')
     returning id`,
    id,
    NOMINAL,
  );
  const people = Object.entries(reasons);
  await sql(
    `insert into delivery (day, occurrence_id, rid, state, reason, channel, zone_source, attempts, zone, due, settled_at)
     select '2026-12-01', $1, r.rid, p.state, p.reason, $2, 0, 4, 'UTC', '2026-12-01T09:00:00Z', '2026-12-01T09:00:43Z'
       from unnest($3::text[], $4::int[], $5::int[]) as p (id, state, reason)
       join recipient r on r.external_id = p.id`,
    rows[0]?.id,
    CHANNEL_CODES.email,
    [...people.map(([person]) => person), 'cy'],
    [...people.map(() => STATE_CODES.failed), STATE_CODES.sent],
    [...people.map(([, reason]) => REASON_CODES[reason]), null],
  );
  await sql(
    'insert into counter (occurrence_id, channel, state, slot, count) values ($1, $2, $3, 5, $4), ($1, $2, $5, 5, 1)',
    rows[0]?.id,
    CHANNEL_CODES.email,
    STATE_CODES.failed,
    people.length,
    STATE_CODES.sent,
  );
  return id;
}

const list = (query = ''): Promise<TestAnswer> => service.admin('GET', `/v1/dead-letters${query}`);
const replay = (body: object): Promise<TestAnswer> =>
  service.admin('POST', '/v1/dead-letters/replay', { body });

const people = ({ body }: TestAnswer): string[] =>
  body.items.map(({ recipient }: { recipient: string }) => recipient);

const outcomes = async (id: string): Promise<Record<string, string>> => {
  const { body } = await service.admin('GET', `/v1/schedules/${id}/deliveries`);
  const items: { recipient: string; outcome: string; reason: string | null }[] = body.items;
  return Object.fromEntries(items.map((item) => [item.recipient, `${item.outcome}/${item.reason}`]));
};

/** As Prometheus is told. */
const failures = async (): Promise<number | undefined> =>
  (await readTotals(service.deps.db)).outcomes.find(({ channel }) => channel === 'email')?.failed;

describe('GET /v1/dead-letters', () => {
  it('200: shows what failed, with the reason and the attempts', async () => {
    const scheduleId = await failed({ ada: 'provider-unavailable' });
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        {
          id: expect.stringMatching(/^dl_\d+_\d+$/),
          scheduleId,
          occurrence: NOMINAL,
          step: null,
          recipient: 'ada',
          channel: 'email',
          reason: 'provider-unavailable',
          attempts: 4,
          provider: 'smtp',
          trail: [],
          dueAt: '2026-12-01T09:00:00.000Z',
          failedAt: '2026-12-01T09:00:43.000Z',
        },
      ],
      nextCursor: null,
    });
  });

  it('200: narrows by schedule, occurrence, person and reason', async () => {
    const first = await failed({ ada: 'provider-unavailable', bob: 'template-error' });
    await failed({ ada: 'template-error' });
    expect(people(await list())).toEqual(['ada', 'ada', 'bob']);
    expect(people(await list(`?scheduleId=${first}`))).toEqual(['ada', 'bob']);
    expect(people(await list('?reason=template-error'))).toEqual(['ada', 'bob']);
    expect(people(await list('?recipient=bob'))).toEqual(['bob']);
    expect(people(await list(`?occurrence=${NOMINAL}`))).toHaveLength(3);
    expect(people(await list('?occurrence=2026-12-02T09:00:00'))).toEqual([]);
  });

  it('200: goes on from page to page, the newest occurrence first', async () => {
    const older = await failed({ ada: 'provider-unavailable', bob: 'provider-unavailable' });
    const newer = await failed({ ada: 'provider-unavailable', bob: 'provider-unavailable' });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: TestAnswer = await list(`?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(`${body.items[0].scheduleId} ${body.items[0].recipient}`);
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([`${newer} ada`, `${newer} bob`, `${older} ada`, `${older} bob`]);
  });

  it("200: shows nothing of another tenant's", async () => {
    await failed({ ada: 'provider-unavailable' });
    const { send } = await service.otherTenant();
    expect(people(await send('GET', '/v1/dead-letters'))).toEqual([]);
  });

  it.each([
    ['?reason=bad-luck', '/query/reason', 'field.value'],
    ['?cursor=x', '/query/cursor', 'cursor.invalid'],
    ['?outcome=failed', '/query/outcome', 'field.unknown'],
  ])('422: names what is wrong in %s', async (query, pointer, code) => {
    const { status, body } = await list(query);
    expect([status, body.errors]).toMatchObject([422, [{ pointer, code }]]);
  });
});

describe('POST /v1/dead-letters/replay', () => {
  it('202: sends the dead letters of a schedule back, and nobody else', async () => {
    const id = await failed({ ada: 'provider-unavailable', bob: 'template-error' });
    const announced = service.announced.count;
    const { status, body } = await replay({ scheduleId: id, reason: 'provider-unavailable' });
    expect([status, body]).toEqual([202, { people: 1 }]);
    expect(await outcomes(id)).toEqual({
      ada: 'claimed/replayed',
      bob: 'failed/template-error',
      cy: 'sent/null',
    });
    expect((await service.admin('GET', `/v1/schedules/${id}`)).body.status).toBe('running');
    const [occurrence] = (await service.admin('GET', `/v1/schedules/${id}/occurrences`)).body.items;
    expect(occurrence).toMatchObject({ state: 'open', counts: { sent: 1, failed: 1 } });
    const { rows } = await sql('select id from outbox where done_at is null and schedule_id = $1', id);
    expect([rows.length, service.announced.count]).toEqual([1, announced + 1]);
  });

  it('202: sends one back by its id, and once however often it is asked for', async () => {
    const id = await failed({ ada: 'provider-unavailable', bob: 'provider-unavailable' });
    const letter = (await list('?recipient=bob')).body.items[0].id;
    expect((await replay({ id: letter })).body).toEqual({ people: 1 });
    expect((await replay({ id: letter })).body).toEqual({ people: 0 });
    expect(await outcomes(id)).toMatchObject({ ada: 'failed/provider-unavailable', bob: 'claimed/replayed' });
    expect(people(await list())).toEqual(['ada']);
    const { body } = await service.admin('GET', `/v1/schedules/${id}/audit`);
    expect(body.items[0]).toMatchObject({
      action: 'replay',
      payloadDiff: { from: { deliveries: { failed: 1 } }, to: { deliveries: { resend: 1 } } },
    });
  });

  it('202: leaves the totals that Prometheus reads as they were', async () => {
    const id = await failed({ ada: 'provider-unavailable' });
    const before = await failures();
    expect((await replay({ scheduleId: id })).body.people).toBe(1);
    expect(await failures()).toBe(before);
  });

  it('404: knows no letter and no schedule of anybody else', async () => {
    const scheduleId = await failed({ ada: 'provider-unavailable' });
    const [{ id }] = (await list()).body.items;
    const { send } = await service.otherTenant();
    const ask = async (body: object): Promise<string> =>
      (await send('POST', '/v1/dead-letters/replay', { body })).body.code;
    expect([await ask({ id }), await ask({ scheduleId })]).toEqual([
      'dead-letter.unknown',
      'schedule.unknown',
    ]);
  });

  it('409: sends nothing of a schedule that is cancelled or archived', async () => {
    const scheduleId = await failed({ ada: 'provider-unavailable' });
    await sql(`update schedule set status = 'cancelled' where id = $1`, scheduleId);
    const refused = await replay({ scheduleId });
    expect([refused.status, refused.body.code]).toEqual([409, 'schedule.state.conflict']);
    await service.admin('DELETE', `/v1/schedules/${scheduleId}`);
    expect((await replay({ scheduleId })).body.detail).toContain('archived');
  });

  it.each([
    [{}, '/scheduleId', 'field.required'],
    [{ reason: 'provider-unavailable' }, '/scheduleId', 'field.required'],
    [{ id: 'dl_1' }, '/id', 'field.format'],
    [{ id: 'dl_1_1', scheduleId: 'sch_1' }, '/scheduleId', 'field.conflict'],
    [{ id: 'dl_1_1', reason: 'template-error' }, '/reason', 'field.conflict'],
    [{ scheduleId: 'sch_1', reason: 'bad-luck' }, '/reason', 'field.value'],
    [{ scheduleId: 'sch_1', outcome: 'failed' }, '/outcome', 'field.unknown'],
  ])('422: names what is wrong in %j', async (body, pointer, code) => {
    const { status, body: problem } = await replay(body);
    expect([status, problem.errors]).toMatchObject([422, [{ pointer, code }]]);
  });

  it('403: is not for readers', async () => {
    const analyst = await service.withRole('ANALYST');
    const { status } = await analyst('POST', '/v1/dead-letters/replay', { body: { scheduleId: 'x' } });
    expect(status).toBe(403);
  });
});
