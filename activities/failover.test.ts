import { randomUUID } from 'node:crypto';
import type { Channel, OutgoingMessage, SendResult } from '../channels/channel';
import type { ScheduleConfig } from '../domain/schedule/config';
import { replayDeadLetters } from '../store/dead-letters';
import { listDeliveries } from '../store/deliveries';
import { claim } from '../store/ledger';
import { reroute } from '../store/ledger-route';
import { readOccurrence } from '../store/occurrences';
import { campaignKeyRing, NINE, plainConfig, startCampaign } from '../test/campaign';
import type { Campaign } from '../test/campaign';
import { seedPeople } from '../test/people';
import type { SeedPerson } from '../test/people';
import { seedSuppression } from '../test/suppressions';
import type { OccurrenceRef } from './contract';

type Answer = (message: OutgoingMessage, nth: number) => SendResult | Promise<SendResult>;

interface Stand extends Channel {
  readonly got: OutgoingMessage[];
  answer: Answer;
}

const accepts: Answer = () => ({ kind: 'accepted' });
const fails: Answer = () => ({ kind: 'transient' });

/** A provider that answers as a test says and remembers what it was asked. */
function standIn(name: Channel['name'], provider: string): Stand {
  const stand: Stand = {
    name,
    provider,
    concurrency: 5,
    got: [],
    answer: accepts,
    async send(message) {
      stand.got.push(message);
      return stand.answer(message, stand.got.filter(({ id }) => id === message.id).length);
    },
    close: () => Promise.resolve(),
  };
  return stand;
}

const smtp = standIn('email', 'smtp');
const other = standIn('email', 'smtp-2');
const noop = standIn('noop', 'noop');
const sms = standIn('sms', 'sms');
let campaign: Campaign;

beforeAll(async () => {
  campaign = await startCampaign([smtp, other, noop, sms]);
});

afterAll(() => campaign.close());

beforeEach(async () => {
  for (const stand of [smtp, other, noop, sms]) {
    stand.answer = accepts;
    stand.got.length = 0;
    delete stand.barredMs;
  }
  await campaign.reset();
});

const person = (id: string, own: Partial<SeedPerson> = {}): SeedPerson => ({
  id,
  email: `${id}@example.test`,
  ...own,
});

async function open(config: Partial<ScheduleConfig>, ...people: SeedPerson[]): Promise<OccurrenceRef> {
  await seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, people);
  return campaign.open(config);
}

async function deliverAll(ref: OccurrenceRef, activities = campaign.activities): Promise<void> {
  for (const range of await campaign.pages(ref, NINE)) {
    await activities.deliverPage({ ...ref, at: NINE, range });
  }
}

/** What the API answers of everybody, in short: outcome, by whom, and each step of the way. */
async function told({ scheduleId }: OccurrenceRef): Promise<Record<string, string>> {
  const { items } = await listDeliveries(campaign.db, 1, scheduleId, {}, { limit: 500, after: null });
  return Object.fromEntries(
    items.map(({ recipient, outcome, reason, channel, provider, attempts, trail }) => [
      recipient,
      [
        `${outcome}${reason === null ? '' : `/${reason}`} by ${channel} ${provider} after ${attempts}`,
        ...trail.map((step) =>
          [step.channel, step.provider, step.result, step.reason].filter((part) => part !== null).join(' '),
        ),
      ].join(', '),
    ]),
  );
}

const stepsKept = async (): Promise<number> =>
  (await campaign.db.pool.query('select 1 from attempt')).rowCount ?? 0;

const times = (count: number, what: string): string => Array<string>(count).fill(what).join(', ');

describe('a provider that fails', () => {
  it('leaves the message to the next one after three retries, under the same id, and it arrives once', async () => {
    smtp.answer = fails;
    const ref = await open({}, person('ada'));
    await deliverAll(ref);
    expect(campaign.slept).toEqual([2_000, 8_000, 32_000]);
    expect([smtp.got.length, other.got.length]).toEqual([4, 1]);
    expect(new Set([...smtp.got, ...other.got].map(({ id }) => id)).size).toBe(1);
    expect(await told(ref)).toEqual({
      ada: `sent by email smtp-2 after 5, ${times(4, 'email smtp transient')}, email smtp-2 accepted`,
    });
    const sent = await campaign.metrics.registry.getSingleMetricAsString('worker_notifications_sent_total');
    expect(sent).toContain('{channel="email",provider="smtp-2"} 1');
  });

  it('is left at once for the next one while it is given up, and nobody waits for its lane', async () => {
    smtp.barredMs = () => 30_000;
    const ref = await open({}, person('ada'), person('bob'));
    await deliverAll(ref);
    expect(campaign.slept).toEqual([]);
    expect([smtp.got.length, other.got.length]).toEqual([0, 2]);
    expect((await told(ref))['ada']).toBe(
      'sent by email smtp-2 after 1, email smtp unavailable, email smtp-2 accepted',
    );
  });

  it('is waited for when all are given up, and nobody fails for it', async () => {
    let away = 3;
    smtp.answer = () =>
      (away -= 1) >= 0 ? { kind: 'unavailable', retryAfterMs: 30_000 } : { kind: 'accepted' };
    other.answer = () => ({ kind: 'unavailable', retryAfterMs: 60_000 });
    const ref = await open({}, person('ada'));
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'sent' });
    expect(campaign.slept[0]).toBe(33_000);
  });

  it('makes a dead letter with all of its attempts when none is left, and a replay begins anew', async () => {
    smtp.answer = fails;
    other.answer = fails;
    const ref = await open({}, person('ada'));
    await deliverAll(ref);
    await campaign.activities.closeOccurrence(ref);
    const before = `${times(4, 'email smtp transient')}, ${times(4, 'email smtp-2 transient')}`;
    expect(await told(ref)).toEqual({
      ada: `failed/provider-unavailable by email smtp-2 after 8, ${before}`,
    });

    smtp.answer = accepts;
    const by = { tenantId: 1, actorId: 'test', correlationId: 'c', at: new Date(campaign.clock.now) };
    expect(await replayDeadLetters(campaign.db, by, ref.scheduleId, {})).toEqual({ kind: 'done', people: 1 });
    await deliverAll(ref);
    expect(await told(ref)).toEqual({
      ada: `sent by email smtp after 9, ${before}, email restarted replayed, email smtp accepted`,
    });
    expect(other.got).toHaveLength(4);
  });

  it('costs nobody a row of steps who was sent to by the first provider at the first attempt', async () => {
    smtp.answer = ({ address }) =>
      address.startsWith('bob') ? { kind: 'rejected', reason: 'rejected-message' } : { kind: 'accepted' };
    const ref = await open({}, person('ada'), person('bob'));
    await deliverAll(ref);
    expect(await stepsKept()).toBe(0);
    expect(await told(ref)).toEqual({
      ada: 'sent by email smtp after 1, email smtp accepted',
      bob: 'failed/rejected-message by email smtp after 1, email smtp rejected rejected-message',
    });
  });
});

describe('a message that may have been accepted', () => {
  it('is never handed to another provider or channel', async () => {
    smtp.answer = (_, nth) => (nth === 1 ? { kind: 'unknown' } : { kind: 'transient' });
    const ref = await open({ fallbackChannels: ['noop'] }, person('ada'));
    await deliverAll(ref);
    expect([smtp.got.length, other.got.length, noop.got.length]).toEqual([4, 0, 0]);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'unknown/no-answer' });
  });

  it('goes on by the very provider whose owner was lost', async () => {
    const ref = await open({ fallbackChannels: ['noop'] }, person('ada'));
    await loseOwner(ref, { channel: 'email', provider: 'smtp-2' });
    await deliverAll(ref);
    expect([smtp.got.length, other.got.length]).toEqual([0, 1]);
    expect(await told(ref)).toEqual({
      ada: `sent by email smtp-2 after 2, email smtp unavailable, email smtp-2 unknown owner-lost, email smtp-2 accepted`,
    });
  });

  it('is left to a person when that provider cannot take it', async () => {
    other.answer = fails;
    const ref = await open({}, person('ada'));
    await loseOwner(ref, { channel: 'email', provider: 'smtp-2' });
    await deliverAll(ref);
    expect([smtp.got.length, other.got.length]).toEqual([0, 3]);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'unknown/owner-lost' });
  });
});

/** Claims ada, hands her message to another provider, and dies. */
async function loseOwner(
  ref: OccurrenceRef,
  to: { channel: 'email' | 'noop'; provider: string },
): Promise<void> {
  const record = await readOccurrence(campaign.db, ref.tenantId, ref.occurrenceId);
  if (!record) throw new Error('There is no occurrence.');
  const { rows } = await campaign.db.pool.query<{ rid: string }>('select rid from recipient order by rid');
  const rid = rows[0]?.rid ?? '';
  const entry = { rid, zone: 'UTC', zoneSource: 0, due: NINE, adjusted: null, addressKey: null };
  const owner = { id: randomUUID(), leaseUntil: NINE - 1 };
  await claim(campaign.db, ref.scheduleId, record, [{ ...entry, channel: 'email' }], owner, NINE - 2);
  const step = {
    channel: 'email',
    provider: 'smtp',
    at: NINE - 2,
    result: 'unavailable',
    reason: null,
  } as const;
  await reroute(campaign.db, record, [{ ...to, rid, addressKey: null, steps: [step] }], owner.id);
}

describe('a channel that cannot reach a person', () => {
  const withNoop = { fallbackChannels: ['noop'] } satisfies Partial<ScheduleConfig>;

  it('leaves them to the next channel when it has no address, or writes to theirs no more', async () => {
    smtp.answer = () => ({ kind: 'rejected', reason: 'rejected-address' });
    const first = await open(withNoop, person('ada'), { id: 'bob' });
    await deliverAll(first);
    expect(await told(first)).toEqual({
      ada: 'sent by noop noop after 2, email smtp rejected rejected-address, noop noop accepted',
      bob: 'sent by noop noop after 1, email no-address, noop noop accepted',
    });
    // The refusal of the first occurrence holds for the next.
    const second = await campaign.open(withNoop);
    await deliverAll(second);
    expect((await told(second))['ada']).toBe(
      'sent by noop noop after 1, email suppressed rejected-address, noop noop accepted',
    );
    expect(smtp.got).toHaveLength(1);
  });

  it('is counted for the one that carried the message', async () => {
    smtp.answer = ({ address }) =>
      address.startsWith('ada') ? { kind: 'rejected', reason: 'rejected-message' } : { kind: 'accepted' };
    const ref = await open(withNoop, person('ada'), person('bob'));
    await deliverAll(ref);
    const { rows } = await campaign.db.pool.query(
      'select channel, state, count::int from counter where occurrence_id = $1 order by channel',
      [ref.occurrenceId],
    );
    expect(rows).toEqual([
      { channel: 1, state: 10, count: 1 },
      { channel: 6, state: 10, count: 1 },
    ]);
    const metrics = await campaign.metrics.registry.metrics();
    expect(metrics).toContain('worker_notifications_sent_total{channel="noop",provider="noop"} 1');
    expect(metrics).toContain('worker_notifications_sent_total{channel="email",provider="smtp"} 1');
  });

  it('leaves them to the next one when all of its providers fail, and a chain takes one place under the caps', async () => {
    smtp.answer = fails;
    other.answer = fails;
    const caps = { perDay: 1, perWeek: null, window: 'rolling', onUnavailable: 'wait' } as const;
    const ref = await open({ ...withNoop, caps }, person('ada'));
    await deliverAll(ref);
    expect((await told(ref))['ada']).toMatch(/^sent by noop noop after 9,/);
    const next = await campaign.open({ ...withNoop, caps });
    await deliverAll(next);
    expect(await campaign.outcomes(next)).toEqual({ ada: 'capped/cap-day' });
  });

  it('is passed over when it has no text, and the message fails when no channel has one', async () => {
    const { email: _none, ...contents } = plainConfig.content?.contents ?? {};
    const content = { contents, defaultLocale: 'en', requiredVariables: [] };
    const ref = await open({ ...withNoop, content }, person('ada'));
    await deliverAll(ref);
    expect((await told(ref))['ada']).toBe(
      'sent by noop noop after 1, email not-made no-content, noop noop accepted',
    );
    const none = await campaign.open({ ...withNoop, content: { ...content, contents: {} } });
    await deliverAll(none);
    expect(await campaign.outcomes(none)).toEqual({ ada: 'failed/no-content' });
  });

  it('is looked at before it is used, also by a message that its own channel could not make', async () => {
    const contents = {
      email: { variants: { fr: { body: 'Bonjour' } } },
      sms: { variants: { en: { body: 'Hello' } } },
      noop: { variants: { en: { body: 'Hello' } } },
    };
    const content = { contents, defaultLocale: 'en', requiredVariables: [] };
    const phone = '+436601234567';
    const ref = await open({ fallbackChannels: ['sms', 'noop'], content }, person('ada', { phone }));
    await seedSuppression(campaign.db, campaignKeyRing, 1, phone, 'manual', 'sms');
    await deliverAll(ref);
    expect(sms.got).toEqual([]);
    expect((await told(ref))['ada']).toBe(
      'sent by noop noop after 1, email not-made no-content, sms suppressed manual, noop noop accepted',
    );
  });

  it('leaves a dead letter where something was tried and failed, though the last channel could not even try', async () => {
    smtp.answer = fails;
    other.answer = fails;
    const contents = { ...plainConfig.content?.contents, sms: { variants: { en: { body: 'Hello' } } } };
    const content = { contents, defaultLocale: 'en', requiredVariables: [] };
    const ref = await open({ fallbackChannels: ['sms'], content }, person('ada'));
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'failed/provider-unavailable' });
    expect((await told(ref))['ada']).toMatch(/by email smtp-2 after 8,.*, sms no-address$/);
  });

  it('gives an address of the next channel one message, whoever has it', async () => {
    smtp.answer = () => ({ kind: 'rejected', reason: 'rejected-address' });
    const contents = { ...plainConfig.content?.contents, sms: { variants: { en: { body: 'Hello' } } } };
    const content = { contents, defaultLocale: 'en', requiredVariables: [] };
    const phone = '+436601234567';
    const ref = await open(
      { fallbackChannels: ['sms'], content },
      person('ada', { phone }),
      person('bob', { phone }),
      person('cy', { phone: '+436607654321' }),
    );
    await deliverAll(ref);
    // Whoever came second found it open, or found that the other has the message.
    for (const range of await campaign.pages(ref, NINE)) {
      await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    }
    const outcomes = await campaign.outcomes(ref);
    expect(outcomes['cy']).toBe('sent');
    expect(new Set([outcomes['ada'], outcomes['bob']])).toEqual(new Set(['duplicate', 'sent']));
    expect(sms.got.map(({ address }) => address).toSorted()).toEqual([phone, '+436607654321']);
  });
});

describe('a page that stops while a message is on its way', () => {
  it('leaves what came of it to the next, who goes on there with the tries that are left', async () => {
    smtp.answer = fails;
    const stop = new AbortController();
    other.answer = () => {
      stop.abort();
      return { kind: 'transient' };
    };
    const ref = await open({}, person('ada'));
    const first = campaign.worker({ run: { stop: stop.signal } });
    await expect(deliverAll(ref, first)).rejects.toThrow('stopped');
    const steps = `${times(4, 'email smtp transient')}, email smtp-2 transient`;
    expect(await told(ref)).toEqual({ ada: `claimed by email smtp-2 after 5, ${steps}` });

    other.answer = accepts;
    await deliverAll(ref);
    expect(smtp.got).toHaveLength(4);
    expect(await told(ref)).toEqual({
      ada: `sent by email smtp-2 after 6, ${steps}, email smtp-2 accepted`,
    });
  });
});
