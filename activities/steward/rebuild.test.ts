import { HOUR, MINUTE, SECOND } from '../../domain/time/instant';
import { NOON, openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';

let steward: Stewardship;
beforeAll(async () => {
  steward = await openStewardship();
});
afterAll(() => steward.close());
beforeEach(() => steward.reset());

const take = (cursor: string | null) => steward.duties.rebuildWorkflows({ cursor });

/** Takes turns from a cursor to the end of the walk. Where it rests, how many turns it took, and whom they told. */
async function walk(
  from: string | null,
): Promise<{ cursor: string | null; turns: number; noticed: number; told: string[] }> {
  const toldBefore = steward.told.length;
  let noticed = 0;
  let cursor = from;
  for (let turns = 1; ; turns += 1) {
    const report = await take(cursor);
    noticed += report.did['noticed'] ?? 0;
    ({ cursor } = report);
    steward.clock.now += SECOND;
    if (report.next === 'in-its-time') {
      return { cursor, turns, noticed, told: steward.told.slice(toldBefore) };
    }
  }
}

const addRunning = (name: string, count: number) =>
  steward.db.pool.query(
    `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, created_by)
     select $1 || n, 1, 'x', 'once', 'email', '{}', 'running', 'test' from generate_series(1, $2) n`,
    [name, count],
  );

describe('the duty of rebuilding', () => {
  it('tells every live schedule to look, what has begun first and then soonest due, and then rests', async () => {
    await steward.schedule('in an hour', { nextRunAt: new Date(NOON + HOUR) });
    await steward.schedule('in a minute', { nextRunAt: new Date(NOON + MINUTE) });
    await steward.schedule('running', { status: 'running' });
    await steward.schedule('paused', { status: 'paused' });
    for (const status of ['draft', 'completed', 'cancelled', 'failed'])
      await steward.schedule(status, { status });

    const { cursor, told } = await walk(null);
    expect(told).toEqual(['paused', 'running', 'in a minute', 'in an hour']);
    expect(await take(cursor)).toMatchObject({ did: {}, next: 'in-its-time' });
    expect(steward.told).toHaveLength(4);
  });

  it('tells those that are over as well, when somebody of them is left to be recorded', async () => {
    await steward.schedule('cancelled', { status: 'cancelled' });
    await steward.occurrence('cancelled', NOON - HOUR);
    await steward.schedule('recorded', { status: 'cancelled' });
    await steward.occurrence('recorded', NOON - HOUR, NOON - HOUR);
    expect(await walk(null)).toMatchObject({ told: ['cancelled'] });
  });

  it('walks over any number by pages, everybody once, in the order of their instants', async () => {
    await addRunning('begun', 400);
    await steward.db.pool.query(
      `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, next_run_at, created_by)
       select n || ' due', 1, 'x', 'once', 'email', '{}', 'scheduled', $1::timestamptz + (n / 100) * interval '1 minute', 'test'
         from generate_series(1, 800) n`,
      [new Date(NOON)],
    );
    const { turns, told } = await walk(null);
    expect(turns).toBe(4);
    expect(told).toHaveLength(1_200);
    expect(new Set(told).size).toBe(1_200);
    expect(told.slice(0, 400).filter((id) => !id.startsWith('begun'))).toEqual([]);
    const minutes = told.slice(400).map((id) => Math.floor(Number.parseInt(id, 10) / 100));
    expect(minutes).toEqual(minutes.toSorted((a, b) => a - b));
  });

  it('leaves out one that cannot be told, and fails when nobody can be', async () => {
    await steward.schedule('fine', { status: 'running' });
    await steward.schedule('poison', { status: 'running' });
    steward.answer = ({ scheduleId }) => (scheduleId === 'poison' ? 'failed' : 'told');
    expect(await take(null)).toMatchObject({ did: { told: 1, unreached: 1 } });
    steward.answer = () => 'failed';
    await expect(take(null)).rejects.toMatchObject({ name: 'NobodyReached' });
  });

  it('has nothing to do where there are no schedules', async () => {
    expect(await walk(null)).toMatchObject({ turns: 2, noticed: 0, told: [] });
  });
});

describe('the duty of rebuilding, when Temporal or Postgres was restored', () => {
  beforeEach(() => steward.schedule('s1', { status: 'running' }));

  it('rests while both remember the same turn', async () => {
    let { cursor } = await walk(null);
    for (let n = 0; n < 3; n += 1) ({ cursor } = await walk(cursor));
    expect(steward.told).toEqual(['s1']);
  });

  it('walks once when Temporal remembers an older turn than Postgres', async () => {
    const { cursor: old } = await walk(null);
    await walk((await walk(old)).cursor);
    const { cursor, ...restored } = await walk(old);
    expect(restored).toMatchObject({ told: ['s1'], noticed: 1 });
    expect(await walk(cursor)).toMatchObject({ turns: 1, noticed: 0, told: [] });
    expect(steward.log.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('walks when Postgres remembers an older turn than Temporal, or none', async () => {
    const { cursor } = await walk(null);
    await steward.db.pool.query(`update steward_mark set at = at - interval '1 day'`);
    const again = await walk(cursor);
    await steward.db.pool.query('delete from steward_mark');
    expect([again.told, (await walk(again.cursor)).told]).toEqual([['s1'], ['s1']]);
  });

  it('begins anew when Temporal was put back into the middle of a walk', async () => {
    await addRunning('many', 600);
    const { cursor: middle } = await take(null);
    expect((await walk(middle)).told).toHaveLength(101);
    expect((await walk(middle)).told).toHaveLength(601);
  });

  it('tells what has ended since, or just before: a workflow of it may wait for its command', async () => {
    for (const id of ['long over', 'cancelled since']) await steward.schedule(id, { status: 'cancelled' });
    await steward.db.pool.query(`update schedule set updated_at = $1 where id = 'long over'`, [
      new Date(NOON - 2 * HOUR),
    ]);
    const { cursor: old } = await walk(null);
    await walk(old);
    expect((await walk(old)).told).toEqual(['s1', 'cancelled since']);
  });

  it('walks when a turn was lost with its worker before Temporal heard of it: in doubt', async () => {
    const { cursor } = await walk(null);
    await take(cursor);
    expect(await walk(cursor)).toMatchObject({ told: ['s1'] });
  });

  it('takes up what the release before remembered', async () => {
    expect(await walk('rebuilt')).toMatchObject({ turns: 1, told: [] });
    // A mark was set since then: this is a backup of before.
    expect(await walk('rebuilt')).toMatchObject({ told: ['s1'], noticed: 1 });
    await steward.db.pool.query('delete from steward_mark');
    expect(await walk('-infinity|s0')).toMatchObject({ told: ['s1'], noticed: 0 });
  });

  it('keeps turns apart though the clock is put back', async () => {
    const { cursor: first } = await walk(null);
    steward.clock.now -= HOUR;
    const { cursor: second } = await walk(first);
    expect(second).not.toBe(first);
    expect(await walk(second)).toMatchObject({ noticed: 0 });
    expect(await walk(first)).toMatchObject({ noticed: 1 });
  });
});
