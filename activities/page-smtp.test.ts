import { createSmtpChannel } from '../channels/smtp';
import { campaignKeyRing, NINE, startCampaign } from '../test/campaign';
import type { Campaign } from '../test/campaign';
import { startMailServer } from '../test/mail-server';
import { seedPeople } from '../test/people';

let campaign: Campaign | undefined;

afterEach(() => campaign?.close());

/** Refuses with an SMTP reply. */
const reply = (responseCode: number, text = 'no'): Error => Object.assign(new Error(text), { responseCode });

describe('a page over SMTP', () => {
  it('gets every mail to its mailbox once, and the ledger tells the same story as the server', async () => {
    const asked = new Map<string, number>();
    const server = await startMailServer({
      onRcptTo({ address }, _session, done) {
        const times = (asked.get(address) ?? 0) + 1;
        asked.set(address, times);
        if (address.startsWith('bad')) done(reply(550));
        else if (address.startsWith('slow') && times < 3) done(reply(451));
        else if (address.startsWith('never')) done(reply(452));
        else if (address === 'p7@example.test' && times < 3) done(reply(450, '4.7.1 Rate limit reached'));
        else done();
      },
    });
    const channel = createSmtpChannel({
      url: server.url,
      from: 'Sundial <news@sundial.test>',
      connections: 5,
    });
    campaign = await startCampaign(channel);
    const names = [...Array.from({ length: 195 }, (_, index) => `p${index}`), 'bad', 'slow', 'never'];
    await seedPeople(
      campaign.db,
      campaignKeyRing,
      1,
      names.map((name) => ({ id: name, email: `${name}@example.test`, attributes: { first_name: name } })),
    );
    const ref = await campaign.open({});
    for (const range of await campaign.pages(ref, NINE)) {
      expect(await campaign.activities.deliverPage({ ...ref, at: NINE, range })).toEqual({
        sent: 196,
        failed: 2,
      });
    }
    const expected = names
      .filter((name) => name !== 'bad' && name !== 'never')
      .map((name) => `${name}@example.test`);
    expect(server.mails.map(({ address }) => address).toSorted()).toEqual(expected.toSorted());
    expect(server.mails.every(({ address, body }) => body.trim() === `Hello ${address.split('@')[0]}`)).toBe(
      true,
    );
    expect(new Set(server.mails.map(({ id }) => id)).size).toBe(196);
    expect(await campaign.outcomes(ref)).toMatchObject({
      p0: 'sent',
      bad: 'failed/rejected-address',
      slow: 'sent',
      never: 'failed/provider-unavailable',
    });
    expect(asked.get('never@example.test')).toBe(4);
    expect(
      await campaign.metrics.registry.getSingleMetricAsString('notifications_rate_limited_total'),
    ).toContain('notifications_rate_limited_total{channel="email",provider="smtp"} 2');
    await channel.close();
    await server.close();
  });
});
