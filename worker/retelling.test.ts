import { MINUTE, SECOND } from '../domain/time/instant';
import { setMark } from '../store/steward-marks';
import { NOON, openStewardship } from '../test/stewardship';
import type { Stewardship } from '../test/stewardship';
import { createRetelling } from './retelling';
import type { Retelling } from './retelling';

let world: Stewardship;
beforeAll(async () => {
  world = await openStewardship();
});
afterAll(() => world.close());

let retelling: Retelling;
beforeEach(async () => {
  await world.reset();
  retelling = createRetelling({
    db: world.db,
    logger: Object.assign(Object.create(null), { info: () => undefined }),
  });
});

const told = (scheduleId: string, at: number) =>
  world.db.pool.query(
    'insert into outbox (tenant_id, schedule_id, version, created_at, done_at) values (1, $1, 1, $2, $2)',
    [scheduleId, new Date(at)],
  );

const toBeTold = async (): Promise<string[]> => {
  const { rows } = await world.db.pool.query<{ id: string }>(
    'select schedule_id as id from outbox where done_at is null order by id',
  );
  return rows.map(({ id }) => id);
};

describe('commands that Temporal may have forgotten', () => {
  it('are told again by a worker that starts: those told since the last turn that both remember', async () => {
    await told('before', NOON - MINUTE);
    await setMark(world.db, 'rebuild', NOON);
    await told('since', NOON + SECOND);
    await retelling.reached();
    expect(await toBeTold()).toEqual(['since']);
  });

  it('are not told again while Temporal is there', async () => {
    await setMark(world.db, 'rebuild', NOON);
    await retelling.reached();
    await told('since', NOON + SECOND);
    await retelling.reached();
    expect(await toBeTold()).toEqual([]);
  });

  it('are told again once Temporal is back, by the last turn of before, though turns were taken since', async () => {
    await setMark(world.db, 'rebuild', NOON);
    await retelling.reached();
    await told('since', NOON + SECOND);
    retelling.missed();
    await setMark(world.db, 'rebuild', NOON + 60 * MINUTE);
    await retelling.reached();
    expect(await toBeTold()).toEqual(['since']);
  });

  it('are those of before the worker took anything, whenever it reaches Temporal', async () => {
    await setMark(world.db, 'rebuild', NOON);
    await told('since', NOON + SECOND);
    await retelling.begin();
    await setMark(world.db, 'rebuild', NOON + 60 * MINUTE);
    await retelling.reached();
    expect(await toBeTold()).toEqual(['since']);
  });

  it('are none where no turn was ever taken: then all schedules are told anyway', async () => {
    await told('since', NOON);
    await retelling.reached();
    expect(await toBeTold()).toEqual([]);
  });
});
