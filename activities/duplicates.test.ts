import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { SendResult } from '../channels/channel';
import type { ScheduleConfig } from '../domain/schedule/config';
import { claim } from '../store/ledger';
import { replayDeadLetters } from '../store/dead-letters';
import { decideUnknown } from '../store/decisions';
import { readOccurrence } from '../store/occurrences';
import { NINE, campaignKeyRing, plainConfig, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { eventually } from '../test/eventually';
import { seedPeople } from '../test/people';
import type { SeedPerson } from '../test/people';
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

const SHARED = 'family@example.test';

const person = (id: string, email = `${id}@example.test`, more: Partial<SeedPerson> = {}): SeedPerson => ({
  id,
  email,
  attributes: { first_name: id },
  ...more,
});

const seed = (...people: SeedPerson[]): Promise<string[]> =>
  seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, people);

async function onlyPage(ref: OccurrenceRef): Promise<Parameters<typeof deliver>[1]> {
  const [range] = await campaign.pages(ref, NINE);
  if (range === undefined) throw new Error('There is no page.');
  return range;
}

const deliver = (
  ref: OccurrenceRef,
  range: { after: string; upTo: string; people: number },
  activities = campaign.activities,
): Promise<Tally> => activities.deliverPage({ ...ref, at: NINE, range });

/** Plans and delivers until nobody is left without a row, as the workflow does. */
async function deliverAll(ref: OccurrenceRef): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (;;) {
    const ranges = await campaign.pages(ref, NINE);
    if (ranges.length === 0) return tallies;
    for (const range of ranges) tallies.push(await deliver(ref, range));
  }
}

const by = () => ({ tenantId: campaign.tenantId, actorId: 'test', at: new Date(NINE), correlationId: 'c' });

const sentTo = (): string[] => channel.sent.map(({ address }) => address);
const keysOf = async (ref: OccurrenceRef): Promise<(string | null)[]> => {
  const { rows } = await campaign.db.pool.query<{ address_key: string | null }>(
    'select address_key from delivery where occurrence_id = $1 order by rid',
    [ref.occurrenceId],
  );
  return rows.map(({ address_key }) => address_key);
};

const wantsName: Partial<ScheduleConfig> = {
  content: {
    ...(plainConfig.content ?? { contents: {}, defaultLocale: 'en' }),
    requiredVariables: ['first_name'],
  },
};

/** Claims somebody as an attempt that is elsewhere, or died there. */
async function claimElsewhere(
  ref: OccurrenceRef,
  rid: string,
  addressKey: string | null,
  leaseUntil: number,
): Promise<void> {
  const record = await readOccurrence(campaign.db, ref.tenantId, ref.occurrenceId);
  if (!record) throw new Error('There is no occurrence.');
  const entry = {
    rid,
    zone: 'UTC',
    zoneSource: 0,
    due: NINE,
    adjusted: null,
    channel: 'email',
    addressKey,
  } as const;
  const owner = { id: randomUUID(), leaseUntil };
  await claim(campaign.db, ref.scheduleId, record, [entry], owner, NINE - 1);
}

describe('people with one address', () => {
  it('get one message within an occurrence, and the others are duplicates', async () => {
    await seed(
      person('ada', SHARED),
      person('bob'),
      person('cy', 'Family@Example.test'),
      person('dee', SHARED),
    );
    const ref = await campaign.open({});
    expect(await deliverAll(ref)).toEqual([{ sent: 2, duplicate: 2 }]);
    expect(
      sentTo()
        .map((address) => address.toLowerCase())
        .toSorted(),
    ).toEqual(['bob@example.test', SHARED]);
    const outcomes = await campaign.outcomes(ref);
    expect(Object.values(outcomes).toSorted()).toEqual(['duplicate', 'duplicate', 'sent', 'sent']);
    expect(outcomes['bob']).toBe('sent');
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 2, duplicate: 2 });
  });

  it('get one in each occurrence, under keys that have nothing in common', async () => {
    await seed(person('ada', SHARED), person('bob', SHARED));
    const [first, second] = [await campaign.open({}), await campaign.open({})];
    expect(await deliverAll(first)).toEqual([{ sent: 1, duplicate: 1 }]);
    expect(await deliverAll(second)).toEqual([{ sent: 1, duplicate: 1 }]);
    const keys = [...(await keysOf(first)), ...(await keysOf(second))].filter((key) => key !== null);
    expect(new Set(keys).size).toBe(2);
  });

  it('get one from pages that run at the same time', async () => {
    const people = Array.from({ length: 300 }, (_, index) =>
      person(`p${index}`, `shared-${index % 100}@example.test`),
    );
    await seed(...people);
    const ref = await campaign.open({});
    const { after, upTo } = await onlyPage(ref);
    const third = (BigInt(upTo) - BigInt(after)) / 3n;
    const cuts = [0n, third, 2n * third].map((offset) => String(BigInt(after) + offset));
    await Promise.all(
      cuts.map((from, index) =>
        deliver(ref, { after: from, upTo: cuts[index + 1] ?? upTo, people: 100 }, campaign.worker({})),
      ),
    );
    await deliverAll(ref);
    expect(sentTo().toSorted()).toEqual([...new Set(people.map(({ email }) => email ?? ''))].toSorted());
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 100, duplicate: 200 });
  });

  it('are reached when the first of them ends without a message, whatever the reason', async () => {
    await seed(person('ada', SHARED, { attributes: {} }), person('bob', SHARED), person('cy', SHARED));
    const ref = await campaign.open(wantsName);
    expect(await deliverAll(ref)).toEqual([{ failed: 1, sent: 1, duplicate: 1 }]);
    expect(await campaign.outcomes(ref)).toMatchObject({ ada: 'failed/missing-variable' });
    expect(sentTo()).toEqual([SHARED]);
  });

  it('are all told why when the provider refuses the address', async () => {
    answer = () => ({ kind: 'rejected', reason: 'rejected-address' });
    await seed(person('ada', SHARED), person('bob', SHARED));
    const ref = await campaign.open({});
    await deliverAll(ref);
    expect(Object.values(await campaign.outcomes(ref)).toSorted()).toEqual([
      'failed/rejected-address',
      'suppressed/rejected-address',
    ]);
    expect(sentTo()).toEqual([SHARED]);
    expect(await keysOf(ref)).toEqual([null, null]);
  });

  it('wait for a page elsewhere that is sending to it, and are duplicates once it has', async () => {
    const [ada = '', bob = ''] = await seed(person('ada', SHARED), person('bob', SHARED));
    const ref = await campaign.open({});
    const { after, upTo } = await onlyPage(ref);
    const gate = new AbortController();
    answer = async () => {
      await once(gate.signal, 'abort');
      return { kind: 'accepted' };
    };
    const elsewhere = deliver(ref, { after, upTo: ada, people: 1 }, campaign.worker({}));
    await eventually('the message is on its way', () => channel.sent.length === 1);
    expect(await deliver(ref, { after: ada, upTo, people: 1 })).toEqual({});
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'claimed' });
    gate.abort();
    expect(await elsewhere).toEqual({ sent: 1 });
    expect(await deliverAll(ref)).toEqual([{ duplicate: 1 }]);
    expect(await campaign.rows(ref)).toMatchObject([{ rid: ada }, { rid: bob, state: 'duplicate' }]);
    expect(channel.sent).toHaveLength(1);
  });

  it('are duplicates of a message that may have arrived and waits for a decision', async () => {
    answer = () => ({ kind: 'unknown' });
    await seed(person('ada', SHARED), person('bob', SHARED));
    const ref = await campaign.open({ onUnknown: 'hold' });
    await deliverAll(ref);
    expect(Object.values(await campaign.outcomes(ref)).toSorted()).toEqual([
      'duplicate',
      'unknown/no-answer',
    ]);
  });

  it('are reached when a person decides that the first message failed', async () => {
    answer = () => ({ kind: 'unknown' });
    await seed(person('ada', SHARED));
    const ref = await campaign.open({ onUnknown: 'hold' });
    await deliverAll(ref);
    expect(await keysOf(ref)).toEqual([expect.any(String)]);
    await decideUnknown(campaign.db, by(), ref.scheduleId, {}, 'failed');
    expect(await keysOf(ref)).toEqual([null]);
    answer = () => ({ kind: 'accepted' });
    await seed(person('bob', SHARED));
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'failed/decided', bob: 'sent' });
  });

  it('are all cancelled with their schedule', async () => {
    await seed(person('ada', SHARED), person('bob', SHARED));
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    await campaign.cancel(ref);
    await campaign.activities.deliverPage({ ...ref, at: null, range });
    expect(await campaign.outcomes(ref)).toEqual({
      ada: 'cancelled/schedule-cancelled',
      bob: 'cancelled/schedule-cancelled',
    });
  });
});

describe('a page that is tried again', () => {
  it('takes no row of its own for somebody else, nor anybody twice', async () => {
    await seed(person('ada', SHARED), person('bob', SHARED), person('cy'));
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    const stopped = new AbortController();
    answer = () => {
      stopped.abort();
      return { kind: 'accepted' };
    };
    const first = campaign.worker({ run: { stop: stopped.signal } });
    await expect(deliver(ref, range, first)).rejects.toThrow('stopped');
    answer = () => ({ kind: 'accepted' });
    await deliver(ref, range);
    await deliverAll(ref);
    expect(Object.values(await campaign.outcomes(ref)).toSorted()).toEqual(['duplicate', 'sent', 'sent']);
    expect(new Set(sentTo()).size).toBe(channel.sent.length);
  });

  it('sends what a lost owner claimed, under the claim on the address that it had', async () => {
    const [ada = ''] = await seed(person('ada', SHARED), person('bob', SHARED));
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    // Without a claim on any address: nobody could read it then.
    await claimElsewhere(ref, ada, null, NINE - 1);
    await deliver(ref, { ...range, upTo: ada });
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'sent', bob: 'duplicate' });
    expect((await keysOf(ref)).map((key) => key === null)).toEqual([false, true]);
  });

  it('sends nothing to an address that got the message since its claim was lost', async () => {
    const [ada = '', bob = ''] = await seed(person('ada', SHARED), person('bob', SHARED));
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    await claimElsewhere(ref, ada, null, NINE - 1);
    await campaign.db.pool.query('update delivery set owner = null');
    await deliver(ref, { ...range, after: ada, upTo: bob });
    expect(sentTo()).toEqual([SHARED]);
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'duplicate', bob: 'sent' });
    expect(sentTo()).toEqual([SHARED]);
  });

  it('leaves a claim alone whose address is on its way to somebody else', async () => {
    const [ada = '', bob = ''] = await seed(person('ada', SHARED), person('bob', SHARED));
    const ref = await campaign.open({});
    const { after } = await onlyPage(ref);
    await claimElsewhere(ref, ada, null, NINE - 1);
    await campaign.db.pool.query('update delivery set owner = null');
    const gate = new AbortController();
    answer = async () => {
      await once(gate.signal, 'abort');
      return { kind: 'rejected', reason: 'rejected-message' };
    };
    const elsewhere = deliver(ref, { after: ada, upTo: bob, people: 1 }, campaign.worker({}));
    await eventually('the message is on its way', () => channel.sent.length === 1);
    expect(await deliver(ref, { after, upTo: ada, people: 1 })).toEqual({});
    gate.abort();
    await elsewhere;
    answer = () => ({ kind: 'accepted' });
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'sent', bob: 'failed/rejected-message' });
  });
});

describe('a dead letter that is replayed', () => {
  it('is a duplicate when its address has got the message since', async () => {
    await seed(person('ada', SHARED, { attributes: {} }), person('bob', SHARED));
    const ref = await campaign.open(wantsName);
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'failed/missing-variable', bob: 'sent' });
    await campaign.db.pool.query(`update recipient set attributes = '{"first_name": "Ada"}'`);
    expect(await replayDeadLetters(campaign.db, by(), ref.scheduleId, {})).toEqual({
      kind: 'done',
      people: 1,
    });
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toMatchObject({ bob: 'sent' });
    expect((await campaign.rows(ref)).map(({ state }) => state)).toEqual(['duplicate', 'sent']);
    expect(sentTo()).toEqual([SHARED]);
  });
});

describe('a channel without addresses', () => {
  it('knows no duplicates and keeps no keys', async () => {
    const noop = scriptedChannel('noop', () => ({ kind: 'accepted' }));
    const silent = await startCampaign(noop);
    try {
      await seedPeople(silent.db, campaignKeyRing, silent.tenantId, [
        person('ada', SHARED),
        person('bob', SHARED),
      ]);
      const ref = await silent.open({ channel: 'noop' });
      const [range] = await silent.pages(ref, NINE);
      if (range === undefined) throw new Error('There is no page.');
      expect(await silent.activities.deliverPage({ ...ref, at: NINE, range })).toEqual({ sent: 2 });
      const { rows } = await silent.db.pool.query('select from delivery where address_key is not null');
      expect(rows).toEqual([]);
    } finally {
      await silent.close();
    }
  });
});
