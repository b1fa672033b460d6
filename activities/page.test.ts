import { once } from 'node:events';
import { NINE, campaignKeyRing, plainConfig, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { seedPeople } from '../test/people';
import type { SeedPerson } from '../test/people';
import type { SendResult } from '../channels/channel';
import { withCircuitBreaker } from '../channels/circuit-breaker';
import { HOUR } from '../domain/time/instant';
import type { OccurrenceRef, Tally } from './contract';

let answer: (address: string, attempt: number) => SendResult | Promise<SendResult>;
let channel: ScriptedChannel;
let campaign: Campaign;

beforeAll(async () => {
  channel = scriptedChannel('email', ({ address }, attempt) => answer(address, attempt));
  campaign = await startCampaign(channel);
});

afterAll(() => campaign.close());

beforeEach(async () => {
  answer = () => ({ kind: 'accepted' });
  channel.sent.length = 0;
  await campaign.reset();
});

const person = (id: string, more: Partial<SeedPerson> = {}): SeedPerson => ({
  id,
  email: `${id}@example.test`,
  attributes: { first_name: id.toUpperCase() },
  ...more,
});

const seed = (...people: SeedPerson[]): Promise<string[]> =>
  seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, people);

/** Delivers all pages that are due, one after the other. */
async function deliverAll(
  ref: OccurrenceRef,
  at: number | null = NINE,
  activities = campaign.activities,
): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const range of await campaign.pages(ref, at)) {
    tallies.push(await activities.deliverPage({ ...ref, at, range }));
  }
  return tallies;
}

describe('a page', () => {
  it('takes 1,000 people to one outcome each, and counts what the ledger holds', async () => {
    const people = Array.from({ length: 1_000 }, (_, index) =>
      index % 10 === 0 ? { id: `p${index}` } : person(`p${index}`),
    );
    await seed(...people);
    const ref = await campaign.open({});
    expect(await deliverAll(ref)).toEqual([{ sent: 900, 'no-address': 100 }]);
    const outcomes = Object.values(await campaign.outcomes(ref));
    expect(outcomes).toHaveLength(1_000);
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(900);
    expect(new Set(channel.sent.map(({ id }) => id)).size).toBe(900);
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 900, 'no-address': 100 });
    expect(campaign.heartbeats.at(-1)).toMatchObject({
      step: 'finish',
      counts: { sent: 900, 'no-address': 100 },
    });
  });

  it('renders for each person in their locale and opens their address', async () => {
    await seed(person('ada', { locale: 'de-AT' }), person('bob'));
    const ref = await campaign.open({
      content: {
        defaultLocale: 'en',
        requiredVariables: [],
        contents: {
          email: {
            variants: {
              en: { subject: 'Hi {{first_name}}', body: 'Yours, {{sender}}' },
              de: { subject: 'Hallo {{first_name}}', body: '{{sender}}', html: '<b>{{sender}}</b>' },
            },
          },
        },
      },
      data: { sender: 'Tom & Jerry' },
    });
    await deliverAll(ref);
    expect(channel.sent.map(({ id: _, ...message }) => message)).toEqual([
      {
        address: 'ada@example.test',
        subject: 'Hallo ADA',
        body: 'Tom & Jerry',
        html: '<b>Tom &amp; Jerry</b>',
      },
      { address: 'bob@example.test', subject: 'Hi BOB', body: 'Yours, Tom & Jerry' },
    ]);
    expect((await campaign.rows(ref)).map(({ locale }) => locale)).toEqual(['de', 'en']);
  });

  it('leaves people whose zone is not due yet to their own page', async () => {
    await seed(
      person('paris', { timeZone: 'Europe/Paris' }),
      person('utc'),
      person('la', { timeZone: 'America/Los_Angeles' }),
    );
    const ref = await campaign.open({});
    await deliverAll(ref, NINE - 3_600_000);
    expect(await campaign.outcomes(ref)).toEqual({ paris: 'sent' });
    await deliverAll(ref, NINE);
    expect(await campaign.outcomes(ref)).toEqual({ paris: 'sent', utc: 'sent' });
  });

  it('judges lateness once, by policy', async () => {
    await seed(person('ada'));
    const skip = { policy: 'skip' as const, graceSeconds: 3_600 };
    const inTime = await campaign.open({ late: skip });
    const late = await campaign.open({ late: skip });
    const beyondGrace = await campaign.open({});
    const beyondLife = await campaign.open({ expiresAfterMs: 60_000 });
    campaign.clock.now = NINE + 60_000;
    await deliverAll(inTime);
    campaign.clock.now += 1;
    await deliverAll(late);
    await deliverAll(beyondLife);
    campaign.clock.now = NINE + 3_600_001;
    await deliverAll(beyondGrace);
    expect(await campaign.outcomes(inTime)).toEqual({ ada: 'sent' });
    expect(await campaign.outcomes(late)).toEqual({ ada: 'expired/late' });
    expect(await campaign.outcomes(beyondGrace)).toEqual({ ada: 'expired/late' });
    expect(await campaign.outcomes(beyondLife)).toEqual({ ada: 'expired/expired-message' });
  });

  it('records those whose clocks jump over the wall time when the policy is to skip them', async () => {
    await seed(person('paris', { timeZone: 'Europe/Paris' }), person('utc'));
    const timing = {
      kind: 'once-local',
      runAt: '2026-03-29T02:30:00',
      gap: 'skip',
      overlap: 'first',
      timeZone: null,
    } as const;
    const ref = await campaign.open({ timing });
    const jump = Date.parse('2026-03-29T01:00:00Z');
    campaign.clock.now = jump;
    await deliverAll(ref, jump);
    const [row] = await campaign.rows(ref);
    expect(row).toMatchObject({ id: 'paris', state: 'skipped', reason: 'gap', due: new Date(jump) });
  });

  it('notes what moved the due instant', async () => {
    await seed(person('paris', { timeZone: 'Europe/Paris' }));
    const timing = {
      kind: 'once-local',
      runAt: '2026-10-25T02:30:00',
      gap: 'forward',
      overlap: 'second',
      timeZone: null,
    } as const;
    const ref = await campaign.open({ timing });
    campaign.clock.now = Date.parse('2026-10-25T01:30:00Z');
    await deliverAll(ref, campaign.clock.now);
    expect(await campaign.rows(ref)).toMatchObject([{ adjusted: 2, due: new Date(campaign.clock.now) }]);
  });

  it('does nothing once the occurrence is closed', async () => {
    await seed(person('ada'));
    const ref = await campaign.open({});
    const [range] = await campaign.pages(ref, NINE);
    await campaign.activities.closeOccurrence(ref);
    expect(
      await campaign.activities.deliverPage({
        ...ref,
        at: NINE,
        range: range ?? { after: '0', upTo: '9', people: 0 },
      }),
    ).toEqual({});
    expect(channel.sent).toEqual([]);
  });
});

const saying = (body: string, name: 'email' | 'sms') => ({
  contents: { [name]: { variants: { en: { body } } } },
  defaultLocale: 'en',
  requiredVariables: [],
});

describe('texts that look like code', () => {
  it('stay texts in ids, attributes, data and zones, and reach the mailbox as they are', async () => {
    const trick = `'; drop table delivery; -- {{secret}} {{{secret}}} $1 \\ %s <script>`;
    const attributes = {
      ['__proto__']: 'p',
      constructor: 'c',
      [trick]: trick,
      first_name: trick,
      secret: 'hidden',
    };
    await seed({ id: trick, email: 'ada@example.test', attributes });
    const ref = await campaign.open({
      audience: { kind: 'attribute', attribute: trick, op: 'equals', value: trick },
      data: { code: trick },
      content: saying('{{first_name}}|{{code}}|{{constructor}}|{{toString}}', 'email'),
    });
    await deliverAll(ref);
    expect(channel.sent.map(({ body }) => body)).toEqual([`${trick}|${trick}|c|`]);
    expect(await campaign.outcomes(ref)).toEqual({ [trick]: 'sent' });
  });
});

describe('people who cannot be sent to', () => {
  it('get the reason recorded, one by one, and hold up nobody else', async () => {
    const [, , broken, keyless] = await seed(
      person('ada'),
      person('nameless', { attributes: {} }),
      person('broken'),
      person('keyless'),
      { id: 'mute' },
    );
    await campaign.db.pool.query(`update recipient set email = '\\x00' where rid = $1`, [broken]);
    await campaign.db.pool.query('delete from recipient_key where rid = $1', [keyless]);
    const ref = await campaign.open({
      content: {
        ...plainConfig.content,
        contents: plainConfig.content?.contents ?? {},
        defaultLocale: 'en',
        requiredVariables: ['first_name'],
      },
    });
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({
      ada: 'sent',
      nameless: 'failed/missing-variable',
      broken: 'failed/key-unavailable',
      keyless: 'erased/key-destroyed',
      mute: 'no-address',
    });
  });

  it('all fail when the template is missing or not active', async () => {
    await seed(person('ada'));
    const missing = await campaign.open({ templateId: 't0', content: null });
    await deliverAll(missing);
    expect(await campaign.outcomes(missing)).toEqual({ ada: 'failed/template-missing' });

    await campaign.db.pool.query(
      `insert into template (id, tenant_id, name, active) values ('t1', 1, 'T', false)`,
    );
    await campaign.db.pool.query(
      `insert into template_version (template_id, version, definition, created_by) values ('t1', 1, $1, 'test')`,
      [JSON.stringify({ ...plainConfig.content, name: 'T', category: 'marketing', path: null })],
    );
    const inactive = await campaign.open({ templateId: 't1', content: null });
    await deliverAll(inactive);
    expect(await campaign.outcomes(inactive)).toEqual({ ada: 'failed/template-missing' });

    await campaign.db.pool.query('update template set active = true');
    const active = await campaign.open({ templateId: 't1', content: null });
    await deliverAll(active);
    expect(await campaign.outcomes(active)).toEqual({ ada: 'sent' });
  });

  it('fail when the content has nothing for the channel, or cannot be rendered', async () => {
    await seed(person('ada', { attributes: { list: Array.from({ length: 1_000 }, () => ({})) } }));
    const none = await campaign.open({ content: saying('x', 'sms') });
    const endless = await campaign.open({
      content: saying('{{#list}}{{#list}}{{#list}}x{{/list}}{{/list}}{{/list}}', 'email'),
    });
    const malformed = await campaign.open({ content: saying('{{#x}}', 'email') });
    for (const ref of [none, endless, malformed]) await deliverAll(ref);
    expect(await campaign.outcomes(none)).toEqual({ ada: 'failed/no-content' });
    expect(await campaign.outcomes(endless)).toEqual({ ada: 'failed/template-error' });
    expect(await campaign.outcomes(malformed)).toEqual({ ada: 'failed/template-error' });
  });
});

describe('failures of the provider', () => {
  it('that are transient are retried after 2, 8 and 32 seconds while others go on', async () => {
    await seed(person('ada'), person('bob'));
    answer = (address, attempt) =>
      address.startsWith('ada') && attempt < 4 ? { kind: 'transient' } : { kind: 'accepted' };
    const ref = await campaign.open({});
    await deliverAll(ref);
    expect(campaign.slept).toEqual([2_000, 8_000, 32_000]);
    expect(channel.sent.map(({ address }) => address.slice(0, 3))).toEqual([
      'ada',
      'bob',
      'ada',
      'ada',
      'ada',
    ]);
    expect(await campaign.rows(ref)).toMatchObject([
      { id: 'ada', state: 'sent', attempts: 4, settled_at: new Date(NINE + 42_000) },
      { id: 'bob', state: 'sent', attempts: 1 },
    ]);
  });

  it('end as failed after three retries, under one message id', async () => {
    await seed(person('ada'));
    answer = () => ({ kind: 'transient' });
    const ref = await campaign.open({});
    await deliverAll(ref);
    expect(channel.sent).toHaveLength(4);
    expect(new Set(channel.sent.map(({ id }) => id)).size).toBe(1);
    expect(await campaign.rows(ref)).toMatchObject([
      { state: 'failed', reason: 'provider-unavailable', attempts: 4 },
    ]);
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ failed: 1 });
  });

  it('of hours cost nobody their message, and hardly bother the provider', async () => {
    const people = Array.from({ length: 200 }, (_, index) => person(`p${index}`));
    await seed(...people);
    const back = NINE + 3 * HOUR;
    answer = () => (campaign.clock.now < back ? { kind: 'transient' } : { kind: 'accepted' });
    const guarded = withCircuitBreaker(channel, {
      clock: () => campaign.clock.now,
      changed: () => undefined,
    });
    const worker = campaign.worker({ channels: new Map([['email', [guarded]]]) });
    const ref = await campaign.open({});
    expect(await deliverAll(ref, NINE, worker)).toEqual([{ sent: 200 }]);
    const settled = (await campaign.rows(ref)).map(({ settled_at }) => Number(settled_at));
    expect(Math.min(...settled)).toBeGreaterThanOrEqual(back);
    // Those that opened it, a probe every half minute of three hours, and everybody's own.
    expect(channel.sent.length).toBeLessThan(100 + 360 + 200);
  });

  it('that are for good are not retried', async () => {
    await seed(person('ada'), person('bob'));
    answer = (address) => ({
      kind: 'rejected',
      reason: address.startsWith('ada') ? 'rejected-address' : 'rejected-message',
    });
    const ref = await campaign.open({});
    await deliverAll(ref);
    expect(channel.sent).toHaveLength(2);
    expect(await campaign.outcomes(ref)).toEqual({
      ada: 'failed/rejected-address',
      bob: 'failed/rejected-message',
    });
  });

  it('wait as long as the provider asks', async () => {
    await seed(person('ada'));
    answer = (_, attempt) =>
      attempt === 1 ? { kind: 'rate-limited', retryAfterMs: 20_000 } : { kind: 'accepted' };
    await deliverAll(await campaign.open({}));
    expect(campaign.slept).toEqual([20_000]);
  });

  it('do not outlive the message', async () => {
    await seed(person('ada'));
    answer = () => ({ kind: 'transient' });
    const ref = await campaign.open({ expiresAfterMs: 5_000 });
    await deliverAll(ref);
    expect(await campaign.rows(ref)).toMatchObject([
      { state: 'expired', reason: 'expired-message', attempts: 2 },
    ]);
  });

  it('are counted by channel and provider', async () => {
    await seed(person('ada'), person('bob'));
    answer = (address) =>
      address.startsWith('ada') ? { kind: 'rejected', reason: 'rejected-message' } : { kind: 'accepted' };
    await deliverAll(await campaign.open({}));
    const text = await campaign.metrics.registry.metrics();
    expect(text).toContain('worker_notifications_sent_total{channel="email",provider="scripted"} 1');
    expect(text).toContain('worker_notifications_failed_total{channel="email",provider="scripted"} 1');
    expect(text).toContain('notification_lateness_seconds_count{channel="email"} 1');
    expect(text).toContain('notification_page_seconds_count 1');
  });
});

/** Sleeps until it is called off, however long it was to be. */
async function untilCalledOff(_ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === false) await once(signal, 'abort');
}

describe('a cancellation', () => {
  it('in the middle of a page lets what is in flight finish and records the others as cancelled', async () => {
    await seed(...Array.from({ length: 400 }, (_, index) => person(`p${index}`)));
    const ref = await campaign.open({});
    let sent = 0;
    answer = async () => {
      if ((sent += 1) === 5) await campaign.cancel(ref);
      return { kind: 'accepted' };
    };
    await deliverAll(ref);
    const rows = await campaign.rows(ref);
    expect(rows).toHaveLength(400);
    const cancelled = rows.filter(({ state }) => state === 'cancelled');
    expect(cancelled.length).toBeGreaterThanOrEqual(200);
    expect(cancelled.every(({ reason }) => reason === 'schedule-cancelled')).toBe(true);
    expect(rows.filter(({ state }) => state === 'sent')).toHaveLength(channel.sent.length);
    expect(channel.sent.length + cancelled.length).toBe(400);
  });

  it('ends a message that waits for its retry', async () => {
    await seed(person('ada'));
    const ref = await campaign.open({});
    answer = async () => {
      await campaign.cancel(ref);
      return { kind: 'transient' };
    };
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'cancelled/schedule-cancelled' });
  });

  it('does not wait for the retry', async () => {
    await seed(person('ada'));
    const ref = await campaign.open({});
    answer = async () => {
      await campaign.cancel(ref);
      return { kind: 'transient' };
    };
    await deliverAll(ref, NINE, campaign.worker({ sleep: untilCalledOff }));
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'cancelled/schedule-cancelled' });
  });

  it('reaches everybody, due or not', async () => {
    await seed(person('ada'), person('bob', { timeZone: 'America/Los_Angeles' }));
    const ref = await campaign.open({});
    await campaign.cancel(ref);
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({
      kind: 'cancel',
      version: 1,
      people: 2,
    });
    await deliverAll(ref, null);
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({
      kind: 'cancel',
      version: 1,
      people: 0,
    });
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ cancelled: 2 });
    expect(channel.sent).toEqual([]);
  });
});

describe('erasure', () => {
  it('between the attempts of a message ends it', async () => {
    const [rid] = await seed(person('ada'));
    const ref = await campaign.open({});
    answer = async () => {
      await campaign.db.pool.query(
        `update recipient set erased_at = now(), external_id = null where rid = $1`,
        [rid],
      );
      return { kind: 'transient' };
    };
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ [`#${rid}`]: 'erased/key-destroyed' });
  });

  it('before a page leaves nobody to be considered', async () => {
    await seed(person('ada'), person('bob'));
    const ref = await campaign.open({});
    const ranges = await campaign.pages(ref, NINE);
    await campaign.db.pool.query(
      `update recipient set erased_at = now(), external_id = null where external_id = 'ada'`,
    );
    for (const range of ranges) await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    expect(await campaign.outcomes(ref)).toEqual({ bob: 'sent' });
  });
});
