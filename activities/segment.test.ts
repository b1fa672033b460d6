import type { AudienceCondition } from '../domain/audience/condition';
import { changeSegment, createSegment } from '../store/segments';
import { campaignKeyRing, NINE, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign } from '../test/campaign';
import { seedPeople } from '../test/people';
import type { OccurrenceRef } from './contract';

let campaign: Campaign;

beforeAll(async () => {
  campaign = await startCampaign(scriptedChannel('email', () => ({ kind: 'accepted' })));
  await seedPeople(
    campaign.db,
    campaignKeyRing,
    1,
    ['ada', 'bob', 'cy'].map((id) => ({ id, email: `${id}@example.test`, attributes: { is: id } })),
  );
});

afterAll(() => campaign.close());

const is = (value: string): AudienceCondition => ({
  kind: 'attribute',
  attribute: 'is',
  op: 'equals',
  value,
});
const segment = (id: string): AudienceCondition => ({ kind: 'segment', id });

const put = (id: string, condition: AudienceCondition): Promise<unknown> =>
  createSegment(campaign.db, 1, id, { name: id, condition, query: null }, 'test', new Date(NINE));

async function deliver(ref: OccurrenceRef): Promise<void> {
  for (const range of await campaign.pages(ref, NINE)) {
    await campaign.activities.deliverPage({ ...ref, at: NINE, range });
  }
}

describe('an occurrence for a segment', () => {
  it('goes to whom the segment holds when its people are read', async () => {
    await put('inner', is('ada'));
    await put('outer', { kind: 'any', of: [segment('inner'), is('bob')] });
    const ref = await campaign.open({ audience: segment('outer') });
    await deliver(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'sent', bob: 'sent' });
    await changeSegment(
      campaign.db,
      1,
      'inner',
      () => true,
      () => Promise.resolve({ name: 'inner', condition: is('cy'), query: null }),
      new Date(NINE),
    );
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ waves: [{ people: 1 }] });
    await deliver(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'sent', bob: 'sent', cy: 'sent' });
  });

  it('goes to nobody when the segment is gone', async () => {
    const ref = await campaign.open({ audience: segment('gone') });
    await deliver(ref);
    expect(await campaign.outcomes(ref)).toEqual({});
  });
});
