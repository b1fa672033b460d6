import { CHANNEL_CODES } from '../../domain/delivery/channel';
import { STATE_CODES } from '../../domain/delivery/state';
import { DAY, MINUTE } from '../../domain/time/instant';
import { tallyOccurrence } from '../../store/counters';
import { readFigures } from '../../store/outcome-figures';
import { ensureDeliveryPartition } from '../../store/partitions';
import { NOON, openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';
import { dayText } from './dates';

let steward: Stewardship;
beforeEach(async () => {
  steward = await openStewardship();
});
afterEach(() => steward.close());

const take = (cursor: string | null = null) => steward.duties.makePartitions({ cursor });

/** So many days before today. */
const ago = (days: number): string => dayText(Math.floor(NOON / DAY) - days);

/** A mail of that day, sent, in an occurrence that closed the day after and was counted. Returns the occurrence. */
async function sent(scheduleId: string, daysAgo: number): Promise<string> {
  const day = ago(daysAgo);
  await ensureDeliveryPartition(steward.db, day);
  await steward.schedule(scheduleId, { status: 'completed' });
  const id = await steward.occurrence(scheduleId, NOON - daysAgo * DAY, NOON - (daysAgo - 1) * DAY);
  await steward.db.pool.query('update occurrence set day = $2, counted_at = closed_at where id = $1', [
    id,
    day,
  ]);
  const { sent: state } = STATE_CODES;
  const { email } = CHANNEL_CODES;
  await steward.db.pool.query(
    `insert into delivery (day, occurrence_id, rid, state, channel, zone_source, zone, due)
     values ($1, $2, 1, $3, $4, 0, 'UTC', now())`,
    [day, id, state, email],
  );
  await steward.db.pool.query(
    'insert into counter (occurrence_id, channel, state, slot, count) values ($1, $2, $3, 0, 1)',
    [id, email, state],
  );
  return id;
}

const daysLeft = async (): Promise<string[]> => {
  const { rows } = await steward.db.pool.query<{ day: string }>(
    `select distinct to_char(day, 'YYYY-MM-DD') as day from delivery order by 1`,
  );
  return rows.map(({ day }) => day);
};

describe('days of the ledger that are older than is kept', () => {
  it('are dropped, oldest first, and the youngest that is kept stays', async () => {
    for (const days of [33, 32, 31, 30, 1]) await sent(`s${days}`, days);
    expect(await take()).toMatchObject({
      did: { dropped: 2, 'held-back': 0, busy: 0 },
      cursor: null,
      next: 'in-its-time',
    });
    // The 31st closed on the 30th, at noon: it is kept until that is as old.
    expect(await daysLeft()).toEqual([ago(31), ago(30), ago(1)]);
    steward.clock.now += MINUTE;
    expect(await take()).toMatchObject({ did: { dropped: 1 } });
    expect(await daysLeft()).toEqual([ago(30), ago(1)]);
  });

  it('leave their sums as they were, also after counters were compared with the ledger once more', async () => {
    const id = await sent('s1', 40);
    const figures = () => readFigures(steward.db, 1, { scheduleId: null, from: null, to: null });
    const ofSchedule = () => readFigures(steward.db, 1, { scheduleId: 's1', from: null, to: null });
    const before = [await tallyOccurrence(steward.db, id), await figures(), await ofSchedule()];
    expect(before).toEqual([{ sent: 1 }, { sent: 1 }, { sent: 1 }]);
    await take();
    // As a release would leave it that knows nothing of dropped days.
    await steward.db.pool.query('update occurrence set counted_at = null');
    expect(await steward.duties.checkCounters({ cursor: null })).toMatchObject({
      did: { checked: 0, mended: 0 },
    });
    expect([await tallyOccurrence(steward.db, id), await figures(), await ofSchedule()]).toEqual(before);
  });

  it('are held back while something of them is to come, which is said, and the others go', async () => {
    const open = await sent('open', 40);
    await sent('over', 39);
    await steward.db.pool.query(`update delivery set state = $2 where occurrence_id = $1`, [
      open,
      STATE_CODES.unknown,
    ]);
    expect(await take()).toMatchObject({ did: { dropped: 1, 'held-back': 1 } });
    expect(await daysLeft()).toEqual([ago(40)]);
    expect(steward.log.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({ fields: { day: ago(40) } }),
    ]);
    await steward.db.pool.query('update delivery set state = $1', [STATE_CODES.failed]);
    expect(await take()).toMatchObject({ did: { dropped: 1, 'held-back': 0 } });
  });

  it('take along what jobs of that age refused, and nothing of others', async () => {
    for (const [id, finished] of [
      ['job_1', NOON - 31 * DAY],
      ['job_2', NOON - 29 * DAY],
    ] as const) {
      await steward.db.pool.query(
        `insert into job (id, tenant_id, kind, status, finished_at) values ($1, 1, 'import', 'completed', $2)`,
        [id, new Date(finished)],
      );
      await steward.db.pool.query(
        `insert into job_error (job_id, line, place, code, reason) values ($1, 2, 1, 'c', 'r'), ($1, 3, 1, 'c', 'r')`,
        [id],
      );
    }
    expect(await take()).toMatchObject({ did: { forgotten: 2 } });
    const { rows } = await steward.db.pool.query('select distinct job_id from job_error');
    expect(rows).toEqual([{ job_id: 'job_2' }]);
    expect(await take()).toMatchObject({ did: { forgotten: 0 }, next: 'in-its-time' });
  });

  it('go by several turns when each takes long', async () => {
    for (const days of [42, 41, 40]) await sent(`s${days}`, days);
    steward.clock.passes = 15_000;
    const first = await take();
    expect(first).toMatchObject({ did: { dropped: 2 }, cursor: ago(41), next: 'at-once' });
    steward.clock.passes = 0;
    expect(await take(first.cursor)).toMatchObject({
      did: { dropped: 1 },
      cursor: null,
      next: 'in-its-time',
    });
  });
});
