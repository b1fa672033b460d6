import { HOUR, SECOND } from '../../domain/time/instant';
import { seedMessages } from '../../test/messages';
import { NOON, openStewardship } from '../../test/stewardship';
import type { Stewardship } from '../../test/stewardship';

let steward: Stewardship;
beforeAll(async () => {
  steward = await openStewardship();
});
afterAll(() => steward.close());
beforeEach(() => steward.reset());

const take = (cursor: string | null) => steward.duties.nudgeMessages({ cursor });

describe('the duty of messages', () => {
  it('tells those who send what has been due for a while, and nobody else', async () => {
    await seedMessages(steward.db, [
      { shard: 3, due: NOON - 3 * SECOND },
      { shard: 4, due: NOON - 2 * SECOND },
      { shard: 5, due: NOON + HOUR },
      { shard: 6, due: NOON - HOUR, priority: 1 },
    ]);
    expect(await take('told')).toEqual({
      did: { told: 2, unreached: 0 },
      cursor: 'told',
      next: 'in-its-time',
    });
    expect(steward.told).toEqual(['messages/urgent', 'messages/3']);
  });

  it('begins with everybody who has something to wait for, until all of them were reached', async () => {
    await seedMessages(steward.db, [
      { shard: 5, due: NOON + HOUR },
      { shard: 6, due: NOON + HOUR, priority: 1 },
    ]);
    steward.answerMessages = () => 'failed';
    expect(await take(null)).toMatchObject({ did: { told: 0, unreached: 2 }, cursor: null });
    steward.answerMessages = () => 'told';
    expect(await take(null)).toMatchObject({ did: { told: 2, unreached: 0 }, cursor: 'told' });
    expect(steward.told).toEqual(['messages/urgent', 'messages/5']);
  });
});
