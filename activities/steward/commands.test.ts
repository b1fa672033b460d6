import { DAY, HOUR } from '../../domain/time/instant';
import { openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';

let steward: Stewardship;
beforeAll(async () => {
  steward = await openStewardship();
});
afterAll(() => steward.close());
beforeEach(() => steward.reset());

const command = (scheduleId: string, createdAt: number, doneAt: number | null) =>
  steward.db.pool.query(
    'insert into outbox (tenant_id, schedule_id, version, created_at, done_at) values (1, $1, 1, $2, $3)',
    [scheduleId, new Date(createdAt), doneAt === null ? null : new Date(doneAt)],
  );

const take = () => steward.duties.deliverCommands({ cursor: null });

async function commandsOf(scheduleId: string): Promise<{ done: boolean }[]> {
  const { rows } = await steward.db.pool.query<{ done: boolean }>(
    'select done_at is not null as done from outbox where schedule_id = $1 order by id',
    [scheduleId],
  );
  return rows;
}

describe('the duty of commands', () => {
  it('delivers what no API process has delivered, once', async () => {
    await steward.schedule('s1');
    await command('s1', steward.clock.now, null);
    expect(await take()).toEqual({
      did: { delivered: 1, forgotten: 0 },
      cursor: null,
      next: 'in-its-time',
    });
    expect(await take()).toMatchObject({ did: { delivered: 0 } });
    expect(steward.told).toEqual(['s1']);
  });

  it('leaves what could not be told for the next turn', async () => {
    await steward.schedule('s1');
    await command('s1', steward.clock.now, null);
    steward.answer = () => 'failed';
    expect(await take()).toMatchObject({ did: { delivered: 0 }, next: 'in-its-time' });
    steward.answer = () => 'told';
    expect(await take()).toMatchObject({ did: { delivered: 1 } });
  });

  it('takes hundreds in one turn', async () => {
    await steward.db.pool.query(
      `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, created_by)
       select 'many' || n, 1, 'x', 'once', 'email', '{}', 'scheduled', 'test' from generate_series(1, 320) n`,
    );
    await steward.db.pool.query(
      `insert into outbox (tenant_id, schedule_id, version) select 1, 'many' || n, 1 from generate_series(1, 320) n`,
    );
    expect(await take()).toMatchObject({ did: { delivered: 320 }, next: 'in-its-time' });
    expect(new Set(steward.told).size).toBe(320);
  });

  it('forgets commands a day after their delivery, never one that was not delivered', async () => {
    await steward.schedule('s1');
    await steward.db.pool.query('delete from outbox');
    steward.answer = () => 'failed';
    const longAgo = steward.clock.now - 3 * DAY;
    await command('s1', longAgo, longAgo);
    await command('s1', longAgo, null);
    await command('s1', longAgo, steward.clock.now - HOUR);
    expect(await take()).toMatchObject({ did: { delivered: 0, forgotten: 1 } });
    expect(await commandsOf('s1')).toEqual([{ done: false }, { done: true }]);
  });

  it('goes on at once when there was more to forget than a turn does', async () => {
    const longAgo = new Date(steward.clock.now - 3 * DAY);
    await steward.db.pool.query(
      `insert into outbox (tenant_id, schedule_id, version, created_at, done_at)
       select 1, 'old', 1, $1, $1 from generate_series(1, 7000)`,
      [longAgo],
    );
    expect(await take()).toMatchObject({ did: { forgotten: 5_000 }, next: 'at-once' });
    expect(await take()).toMatchObject({ did: { forgotten: 2_000 }, next: 'in-its-time' });
  });
});
