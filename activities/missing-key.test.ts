import { randomBytes } from 'node:crypto';
import { createKeyRing } from '../platform/crypto';
import { addressKeyOf } from '../store/address-keys';
import { NINE, campaignKey, campaignKeyRing, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { seedPeople } from '../test/people';
import type { SeedPerson } from '../test/people';

const fresh = { id: 'k2', key: randomBytes(32) };
const withoutOld = createKeyRing([fresh]);
let channel: ScriptedChannel;
let campaign: Campaign;

beforeAll(async () => {
  channel = scriptedChannel('email', () => ({ kind: 'accepted' }));
  campaign = await startCampaign(channel);
});

afterAll(() => campaign.close());

function person(id: string): SeedPerson {
  return { id, email: `${id}@example.test`, attributes: { first_name: id } };
}

describe('a page of people whose keys were wrapped by a key that left the ring', () => {
  it('sends to the others, says which key is missing, and sends to the rest once it is back', async () => {
    await seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, [person('old')]);
    await seedPeople(campaign.db, withoutOld, campaign.tenantId, [person('fresh')]);
    const ref = await campaign.open({});
    const [range] = await campaign.pages(ref, NINE);
    if (range === undefined) throw new Error('there is no page');

    const tooEarly = campaign.worker({ keyRing: withoutOld });
    await expect(tooEarly.deliverPage({ ...ref, at: NINE, range })).rejects.toThrow(
      'Encryption key "k1" is not',
    );
    expect(channel.sent.map(({ address }) => address)).toEqual(['fresh@example.test']);

    const asBefore = campaign.worker({ keyRing: createKeyRing([fresh, campaignKey]) });
    await asBefore.deliverPage({ ...ref, at: NINE, range });
    expect(channel.sent.map(({ address }) => address)).toEqual(['fresh@example.test', 'old@example.test']);
    expect(await campaign.outcomes(ref)).toEqual({ fresh: 'sent', old: 'sent' });
  });
});

describe("a page whose tenant's key for addresses was wrapped by a key that left the ring", () => {
  it('sends to nobody, because somebody may want nothing, until the key is back', async () => {
    await campaign.reset();
    channel.sent.length = 0;
    await campaign.db.pool.query('delete from address_key');
    await addressKeyOf(campaign.db, campaignKeyRing, campaign.tenantId);
    await seedPeople(campaign.db, withoutOld, campaign.tenantId, [person('fresh')]);
    const ref = await campaign.open({});
    const [range] = await campaign.pages(ref, NINE);
    if (range === undefined) throw new Error('there is no page');

    const tooEarly = campaign.worker({ keyRing: withoutOld });
    await expect(tooEarly.deliverPage({ ...ref, at: NINE, range })).rejects.toThrow(
      'Encryption key "k1" is not',
    );
    expect(channel.sent).toEqual([]);
    expect(await campaign.outcomes(ref)).toEqual({});

    const asBefore = campaign.worker({ keyRing: createKeyRing([fresh, campaignKey]) });
    await asBefore.deliverPage({ ...ref, at: NINE, range });
    expect(await campaign.outcomes(ref)).toEqual({ fresh: 'sent' });
  });
});
