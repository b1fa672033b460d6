import { createWebhookChannel } from '../channels/webhook';
import { campaignKeyRing, NINE, plainConfig, startCampaign } from '../test/campaign';
import type { Campaign } from '../test/campaign';
import { seedPeople } from '../test/people';
import { startWebhookEndpoint } from '../test/webhook-endpoint';

let campaign: Campaign | undefined;

afterEach(() => campaign?.close());

const content = {
  contents: { webhook: { variants: { en: { title: 'Hi {{first_name}}', body: 'Hello {{first_name}}' } } } },
  defaultLocale: 'en',
  requiredVariables: [],
};

describe('a page over a webhook', () => {
  it('names everybody by their own id once, and each gets the outcome that the endpoint gave', async () => {
    const asked = new Map<string, number>();
    const endpoint = await startWebhookEndpoint((response, { body }) => {
      const { recipient } = (JSON.parse(body) as { data: { recipient: string } }).data;
      const times = (asked.get(recipient) ?? 0) + 1;
      asked.set(recipient, times);
      if (recipient === 'bad') response.statusCode = 422;
      if (recipient === 'slow' && times < 3) response.statusCode = 500;
      if (recipient === 'gone') response.statusCode = 504;
      response.end();
    });
    const channel = createWebhookChannel({
      url: endpoint.url,
      secrets: [Buffer.alloc(32, 1)],
      connections: 5,
    });
    campaign = await startCampaign(channel);
    const names = ['ada', 'bob@example.test', 'bad', 'slow', 'gone'];
    await seedPeople(
      campaign.db,
      campaignKeyRing,
      1,
      names.map((name) => ({ id: name, attributes: { first_name: name } })),
    );
    const ref = await campaign.open({ ...plainConfig, channel: 'webhook', content });
    for (const range of await campaign.pages(ref, NINE)) {
      await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    }
    expect(await campaign.outcomes(ref)).toEqual({
      ada: 'sent',
      'bob@example.test': 'sent',
      bad: 'failed/rejected-message',
      slow: 'sent',
      gone: 'unknown/no-answer',
    });
    expect(Object.fromEntries(asked)).toEqual({ ada: 1, 'bob@example.test': 1, bad: 1, slow: 3, gone: 4 });
    const ids = endpoint
      .messages()
      .filter(({ address }) => address === 'slow')
      .map(({ id }) => id);
    expect(new Set(ids).size).toBe(1);
    expect(endpoint.messages().find(({ address }) => address === 'ada')?.body).toBe('Hello ada');
    await channel.close();
    await endpoint.close();
  });
});
