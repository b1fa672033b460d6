import { DAY, HOUR, MINUTE } from '../../domain/time/instant';
import { NOON, openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';
import { occurrenceWorkflowId, scheduleWorkflowId } from '../../workflows/contract';

let steward: Stewardship;
beforeAll(async () => {
  steward = await openStewardship();
});
afterAll(() => steward.close());
beforeEach(() => steward.reset());

const take = (cursor: string | null = null) => steward.duties.reviveSchedules({ cursor });
const occurrenceOf = (scheduleId: string) => occurrenceWorkflowId(scheduleId, '2026-12-01T09:00:00');

/** A schedule that runs, with an occurrence that opened an hour ago. */
async function running(id: string, status = 'running'): Promise<void> {
  await steward.schedule(id, { status });
  await steward.occurrence(id, NOON - HOUR);
}

describe('the duty of revival', () => {
  it('tells schedules to look whose next run has not begun a minute after its time', async () => {
    await steward.schedule('later', { nextRunAt: new Date(NOON - 2 * MINUTE) });
    await steward.schedule('soonest', { nextRunAt: new Date(NOON - DAY) });
    await steward.schedule('on its way', { nextRunAt: new Date(NOON - MINUTE / 2) });
    await steward.schedule('to come', { nextRunAt: new Date(NOON + HOUR) });
    await steward.schedule('paused', { status: 'paused', nextRunAt: new Date(NOON - DAY) });
    expect(await take()).toEqual({
      did: { revived: 2, 'given-up': 0, unreached: 0 },
      cursor: null,
      next: 'in-its-time',
    });
    expect(steward.told.toSorted()).toEqual(['later', 'soonest']);
  });

  it('tells an overdue one also when it lives, but no more than once in a minute', async () => {
    await steward.schedule('s1', { nextRunAt: new Date(NOON - HOUR) });
    steward.living.set(scheduleWorkflowId('s1'), 'alive');
    await take();
    steward.clock.now += MINUTE - 1;
    await take();
    expect(steward.told).toEqual(['s1']);
    steward.clock.now += 1;
    await take();
    expect(steward.told).toEqual(['s1', 's1']);
    expect(await steward.rowOf('s1')).toMatchObject({ revivedAt: new Date(NOON + MINUTE), failures: 0 });
  });

  it('goes on at once when there are more overdue ones than a turn takes, soonest due first', async () => {
    await steward.db.pool.query(
      `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, next_run_at, created_by)
       select 'many' || n, 1, 'x', 'once', 'email', '{}', 'scheduled',
              $1::timestamptz - n * interval '1 second', 'test'
         from generate_series(1, 120) n`,
      [new Date(NOON - HOUR)],
    );
    expect(await take()).toMatchObject({ did: { revived: 100 }, next: 'at-once' });
    const latest = Array.from({ length: 20 }, (_, n) => `many${n + 1}`);
    expect(steward.told.filter((id) => latest.includes(id))).toEqual([]);
    expect(await take()).toMatchObject({ did: { revived: 20 }, next: 'in-its-time' });
    expect(new Set(steward.told).size).toBe(120);
  });

  it('finds a schedule that runs though its occurrence has closed and nobody told it', async () => {
    await steward.schedule('s1', { status: 'running' });
    await steward.occurrence('s1', NOON - HOUR, NOON - 2 * MINUTE);
    await steward.schedule('just now', { status: 'running' });
    await steward.occurrence('just now', NOON - HOUR, NOON - MINUTE / 2);
    await take();
    expect(steward.told).toEqual(['s1']);
  });

  it('finds open occurrences without a workflow, and leaves those alone that live', async () => {
    await running('lost');
    await running('alive');
    steward.living.set(occurrenceOf('alive'), 'alive');
    await steward.schedule('just opened', { status: 'running' });
    await steward.occurrence('just opened', NOON - 1);
    await take();
    expect(steward.told).toEqual(['lost']);
    expect(steward.log).toEqual([
      {
        level: 'warn',
        fields: { scheduleId: 'lost', nominal: '2026-12-01T09:00:00', liveness: 'gone', failures: 0 },
        message: 'nothing came of a schedule: it was told to look',
      },
    ]);
  });

  it.each(['cancelled', 'paused'])(
    'sees to the open occurrence of a schedule that is %s as well',
    async (status) => {
      await running('s1', status);
      await take();
      expect(steward.told).toEqual(['s1']);
    },
  );

  it('goes round over the open occurrences', async () => {
    await steward.db.pool.query(
      `with s as (
         insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, created_by)
         select 'many' || n, 1, 'x', 'once', 'email', '{}', 'running', 'test' from generate_series(1, 250) n
         returning id
       )
       insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at)
       select 1, id, 1, 'n', '2026-12-01', 'open', $1 from s`,
      [new Date(NOON - HOUR)],
    );
    const first = await take();
    expect(first).toMatchObject({ did: { revived: 200 }, cursor: expect.any(String), next: 'in-its-time' });
    expect(await take(first.cursor)).toMatchObject({ did: { revived: 50 }, cursor: null });
    expect(new Set(steward.told).size).toBe(250);
  });

  it('revives a failed occurrence five times over an hour, and then lets its schedule fail for all to see', async () => {
    await running('s1');
    steward.living.set(occurrenceOf('s1'), 'failed');
    const revivals: number[] = [];
    let status = 'running';
    while (status === 'running' && steward.clock.now < NOON + 3 * HOUR) {
      await take();
      if (steward.told.length > revivals.length) revivals.push((steward.clock.now - NOON) / MINUTE);
      ({ status } = await steward.rowOf('s1'));
      steward.clock.now += MINUTE / 2;
    }
    expect(revivals).toEqual([0, 2, 6, 14, 30]);
    expect(status).toBe('failed');
    expect((steward.clock.now - NOON) / MINUTE).toBeCloseTo(62.5);

    const { rows: occurrences } = await steward.db.pool.query('select state, closed_at from occurrence');
    expect(occurrences).toEqual([{ state: 'failed', closed_at: expect.any(Date) }]);
    const { rows: evidence } = await steward.db.pool.query(
      `select action, actor_id, payload_diff from audit where schedule_id = 's1' order by seq desc limit 1`,
    );
    expect(evidence).toEqual([
      {
        action: 'fail',
        actor_id: 'steward',
        payload_diff: {
          changed: ['status'],
          from: { status: 'running' },
          to: { status: 'failed' },
        },
      },
    ]);
    expect(steward.log.at(-1)).toMatchObject({ level: 'error', fields: { scheduleId: 's1', failures: 6 } });
    // Its workflow, if one lives, is told as of any command.
    const { rows: commands } = await steward.db.pool.query(
      `select 1 from outbox where schedule_id = 's1' and done_at is null`,
    );
    expect(commands).toHaveLength(1);
    expect(await take()).toMatchObject({ did: { revived: 0, 'given-up': 0 } });
  });

  it('keeps a cancelled schedule cancelled when what is left of it fails for good', async () => {
    await running('s1', 'cancelled');
    steward.living.set(occurrenceOf('s1'), 'failed');
    await steward.db.pool.query('update schedule set failures = 5, revived_at = $1', [new Date(NOON - HOUR)]);
    expect(await take()).toMatchObject({ did: { 'given-up': 1 } });
    expect(await steward.rowOf('s1')).toMatchObject({ status: 'cancelled' });
    const { rows } = await steward.db.pool.query('select state from occurrence');
    expect(rows).toEqual([{ state: 'failed' }]);
  });

  it('forgets failures of the day before', async () => {
    await running('s1');
    steward.living.set(occurrenceOf('s1'), 'failed');
    await steward.db.pool.query('update schedule set failures = 5, revived_at = $1', [new Date(NOON - DAY)]);
    expect(await take()).toMatchObject({ did: { revived: 1, 'given-up': 0 } });
    expect(await steward.rowOf('s1')).toMatchObject({ status: 'running', failures: 1 });
  });

  it('counts a lost workflow as no failure', async () => {
    await running('s1');
    for (let n = 0; n < 10; n += 1) {
      await take();
      steward.clock.now += 2 * MINUTE;
    }
    expect(steward.told).toHaveLength(10);
    expect(await steward.rowOf('s1')).toMatchObject({ status: 'running', failures: 0 });
  });

  it('says whom it could not tell', async () => {
    await running('s1');
    steward.answer = () => 'failed';
    expect(await take()).toMatchObject({ did: { revived: 0, unreached: 1 } });
  });
});
