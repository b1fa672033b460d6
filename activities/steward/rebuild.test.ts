import { HOUR, MINUTE } from '../../domain/time/instant';
import { NOON, openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';

let steward: Stewardship;
beforeAll(async () => {
  steward = await openStewardship();
});
afterAll(() => steward.close());
beforeEach(() => steward.reset());

const take = (cursor: string | null) => steward.duties.rebuildWorkflows({ cursor });

describe('the duty of rebuilding', () => {
  it('tells every live schedule to look, what has begun first and then soonest due, and then rests', async () => {
    await steward.schedule('in an hour', { nextRunAt: new Date(NOON + HOUR) });
    await steward.schedule('in a minute', { nextRunAt: new Date(NOON + MINUTE) });
    await steward.schedule('running', { status: 'running' });
    await steward.schedule('paused', { status: 'paused' });
    for (const status of ['draft', 'completed', 'cancelled', 'failed'])
      await steward.schedule(status, { status });

    const report = await take(null);
    expect(report).toEqual({ did: { told: 4, unreached: 0 }, cursor: 'rebuilt', next: 'in-its-time' });
    expect(steward.told).toEqual(['paused', 'running', 'in a minute', 'in an hour']);
    expect(await take(report.cursor)).toEqual({ did: {}, cursor: 'rebuilt', next: 'in-its-time' });
    expect(steward.told).toHaveLength(4);
  });

  it('walks over any number by pages, everybody once, in the order of their instants', async () => {
    await steward.db.pool.query(
      `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, next_run_at, created_by)
       select 'many' || n, 1, 'x', 'once', 'email', '{}', case when n % 3 = 0 then 'running' else 'scheduled' end,
              case when n % 3 = 0 then null else $1::timestamptz + (n / 100) * interval '1 minute' end, 'test'
         from generate_series(1, 1200) n`,
      [new Date(NOON)],
    );
    let cursor: string | null = null;
    const turns: (string | null)[] = [];
    do {
      const report = await take(cursor);
      cursor = report.cursor;
      turns.push(report.next);
    } while (cursor !== 'rebuilt');
    expect(turns).toEqual(['at-once', 'at-once', 'in-its-time']);
    expect(steward.told).toHaveLength(1_200);
    expect(new Set(steward.told).size).toBe(1_200);
    const begun = steward.told.slice(0, 400).map((id) => Number(id.slice('many'.length)) % 3);
    expect(new Set(begun)).toEqual(new Set([0]));
    const minutes = steward.told.slice(400).map((id) => Math.floor(Number(id.slice('many'.length)) / 100));
    expect(minutes).toEqual(minutes.toSorted((a, b) => a - b));
  });

  it('leaves out one that cannot be told, and fails when nobody can be', async () => {
    await steward.schedule('fine', { status: 'running' });
    await steward.schedule('poison', { status: 'running' });
    steward.answer = ({ scheduleId }) => (scheduleId === 'poison' ? 'failed' : 'told');
    expect(await take(null)).toMatchObject({ did: { told: 1, unreached: 1 }, cursor: 'rebuilt' });
    steward.answer = () => 'failed';
    await expect(take(null)).rejects.toMatchObject({ name: 'NobodyReached' });
  });

  it('has nothing to do where there are no schedules', async () => {
    expect(await take(null)).toEqual({
      did: { told: 0, unreached: 0 },
      cursor: 'rebuilt',
      next: 'in-its-time',
    });
  });
});
