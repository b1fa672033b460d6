import { openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';

let steward: Stewardship;
beforeEach(async () => {
  steward = await openStewardship();
});
afterEach(() => steward.close());

async function partitionsOf(parent: string): Promise<string[]> {
  const { rows } = await steward.db.pool.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::regclass order by 1`,
    [parent],
  );
  return rows.map(({ name }) => name);
}

const take = () => steward.duties.makePartitions({ cursor: null });

describe('the duty of partitions', () => {
  it('makes the days from yesterday to a fortnight ahead, and three months, once', async () => {
    steward.clock.now = Date.parse('2026-12-25T23:30:00Z');
    expect(await take()).toEqual({
      did: { made: 19, dropped: 0, 'held-back': 0, busy: 0, forgotten: 0 },
      cursor: null,
      next: 'in-its-time',
    });
    const days = await partitionsOf('delivery');
    expect(days).toHaveLength(16);
    expect([days[0], days.at(-1)]).toEqual(['delivery_20261224', 'delivery_20270108']);
    expect(await partitionsOf('audit')).toEqual([
      'audit_202612',
      'audit_202701',
      'audit_202702',
      'audit_default',
    ]);
    expect(await take()).toMatchObject({ did: { made: 0 } });
    steward.clock.now += 3_600_000;
    expect(await take()).toMatchObject({ did: { made: 1 } });
  });

  it('routes rows of the audit into their month, where they still cannot be changed', async () => {
    await take();
    await steward.db.pool.query(
      `insert into audit (at, tenant_id, action, actor_id, payload_diff)
       values ('2026-11-30T23:59:59.999Z', 1, 'create', 'test', '{}'), ('2026-12-01T00:00:00Z', 1, 'create', 'test', '{}')`,
    );
    const { rows } = await steward.db.pool.query(
      'select tableoid::regclass::text as month from audit order by seq',
    );
    expect(rows).toEqual([{ month: 'audit_202611' }, { month: 'audit_202612' }]);
    const change = steward.db.pool.query(`delete from audit where at >= '2026-12-01'`);
    await expect(change).rejects.toThrow('never changed or deleted');
  });

  it('leaves a month in the default partition that has rows there, and makes the others', async () => {
    await steward.db.pool.query(
      `insert into audit (at, tenant_id, action, actor_id, payload_diff) values ('2026-11-02', 1, 'create', 'test', '{}')`,
    );
    expect(await take()).toMatchObject({ did: { made: 18 } });
    expect(await partitionsOf('audit')).toEqual(['audit_202612', 'audit_202701', 'audit_default']);
    expect(await take()).toMatchObject({ did: { made: 0 } });
  });
});
