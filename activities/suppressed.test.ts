import { randomUUID } from 'node:crypto';
import type { SendResult } from '../channels/channel';
import { claim } from '../store/ledger';
import { replayDeadLetters } from '../store/dead-letters';
import { readOccurrence } from '../store/occurrences';
import type { Places } from '../store/caps/places';
import { eraseRecipient } from '../store/recipients';
import { liftSuppression, listSuppressions } from '../store/suppressions';
import { NINE, campaignKeyRing, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { seedPeople } from '../test/people';
import type { SeedPerson } from '../test/people';
import { connectedRedis, placesOver } from '../test/places';
import { stack } from '../test/stack';
import { seedSuppression } from '../test/suppressions';
import type { OccurrenceRef, Tally } from './contract';

let answer: (address: string) => SendResult | Promise<SendResult>;
let channel: ScriptedChannel;
let campaign: Campaign;

beforeAll(async () => {
  channel = scriptedChannel('email', ({ address }) => answer(address));
  campaign = await startCampaign(channel);
});

afterAll(() => campaign.close());

beforeEach(async () => {
  answer = () => ({ kind: 'accepted' });
  channel.sent.length = 0;
  await campaign.reset();
});

const person = (id: string, email = `${id}@example.test`): SeedPerson => ({ id, email });

const seed = (...people: SeedPerson[]): Promise<string[]> =>
  seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, people);

const suppress = (address: string, reason?: Parameters<typeof seedSuppression>[4]): Promise<string> =>
  seedSuppression(campaign.db, campaignKeyRing, campaign.tenantId, address, reason);

async function deliverAll(ref: OccurrenceRef, activities = campaign.activities): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const range of await campaign.pages(ref, NINE)) {
    tallies.push(await activities.deliverPage({ ...ref, at: NINE, range }));
  }
  return tallies;
}

const suppressions = async (): Promise<unknown[]> =>
  (await listSuppressions(campaign.db, campaign.tenantId, null, { limit: 10, after: null })).items;

const sentTo = (): string[] => channel.sent.map(({ address }) => address).toSorted();

describe('a suppressed address', () => {
  it('gets nothing, however it is written, and its row says why', async () => {
    await seed(person('ada', 'Ada@Example.test'), person('bob'), person('cy'));
    await suppress('ada@EXAMPLE.test', 'complaint');
    await suppress('cy@example.test');
    const ref = await campaign.open({});
    expect(await deliverAll(ref)).toEqual([{ sent: 1, suppressed: 2 }]);
    expect(await campaign.outcomes(ref)).toEqual({
      ada: 'suppressed/complaint',
      bob: 'sent',
      cy: 'suppressed/manual',
    });
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 1, suppressed: 2 });
  });

  it('gets nothing when it is suppressed while its page waits for the caps', async () => {
    await seed(person('ada'), person('bob'));
    const redis = await connectedRedis(stack().redis);
    const places = placesOver(campaign.db, redis, () => campaign.clock.now);
    const slow: Places = {
      ...places,
      async take(tenantId, request) {
        await suppress('ada@example.test', 'complaint');
        campaign.clock.now += 8_000;
        return places.take(tenantId, request);
      },
    };
    const ref = await campaign.open({});
    await deliverAll(ref, campaign.worker({ places: slow }));
    redis.disconnect();
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'suppressed/complaint', bob: 'sent' });
    expect(sentTo()).toEqual(['bob@example.test']);
  });

  it('gets no transactional message either', async () => {
    await seed(person('ada'));
    await suppress('ada@example.test');
    const ref = await campaign.open({ category: 'transactional' });
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'suppressed/manual' });
  });

  it('of another tenant, or on another channel, stops nobody', async () => {
    await seed(person('ada'));
    const other = await campaign.db.prisma.tenant.create({ data: { name: 'other', defaultTimeZone: 'UTC' } });
    await seedSuppression(campaign.db, campaignKeyRing, other.id, 'ada@example.test');
    await seedSuppression(
      campaign.db,
      campaignKeyRing,
      campaign.tenantId,
      'ada@example.test',
      'manual',
      'sms',
    );
    const ref = await campaign.open({});
    expect(await deliverAll(ref)).toEqual([{ sent: 1 }]);
  });

  it('is written to again once its suppression is lifted', async () => {
    await seed(person('ada'));
    const id = await suppress('ada@example.test');
    expect(await liftSuppression(campaign.db, campaign.tenantId, id)).toBe(true);
    const ref = await campaign.open({});
    expect(await deliverAll(ref)).toEqual([{ sent: 1 }]);
  });

  it('is told by what comes first when there is more to tell', async () => {
    await seed(person('ada'));
    await suppress('ada@example.test');
    const ref = await campaign.open({ late: { policy: 'skip', graceSeconds: 0 } });
    campaign.clock.now = NINE + 120_000;
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'expired/late' });
  });
});

describe('an address that is suppressed while its message is on the way', () => {
  it('gets no second attempt', async () => {
    await seed(person('ada'), person('bob'));
    const ref = await campaign.open({});
    answer = async (address) => {
      if (address !== 'ada@example.test') return { kind: 'accepted' };
      await suppress(address, 'complaint');
      return { kind: 'transient' };
    };
    expect(await deliverAll(ref)).toEqual([{ sent: 1, suppressed: 1 }]);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'suppressed/complaint', bob: 'sent' });
    expect(sentTo()).toEqual(['ada@example.test', 'bob@example.test']);
  });

  it('is not sent what a lost owner left, and what may have arrived waits for a decision', async () => {
    const [ada = '', bob = ''] = await seed(person('ada'), person('bob'));
    const ref = await campaign.open({});
    const record = await readOccurrence(campaign.db, ref.tenantId, ref.occurrenceId);
    if (!record) throw new Error('There is no occurrence.');
    const entries = [ada, bob].map((rid) => ({
      rid,
      zone: 'UTC',
      zoneSource: 0,
      due: NINE,
      adjusted: null,
      channel: 'email' as const,
      addressKey: null,
    }));
    const owner = { id: randomUUID(), leaseUntil: NINE - 1 };
    await claim(campaign.db, ref.scheduleId, record, entries, owner, NINE - 2);
    // Bob's was given back by an owner that stopped in order: nothing of it can have left.
    await campaign.db.pool.query('update delivery set owner = null where rid = $1', [bob]);
    await suppress('ada@example.test');
    await suppress('bob@example.test', 'hard-bounce');
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({
      ada: 'unknown/owner-lost',
      bob: 'suppressed/hard-bounce',
    });
    expect(channel.sent).toEqual([]);
  });
});

describe('an address that the provider refuses for good', () => {
  it('is suppressed with the outcome, and the next occurrence sends nothing there', async () => {
    await seed(person('ada'), person('bob'));
    answer = (address) =>
      address === 'ada@example.test'
        ? { kind: 'rejected', reason: 'rejected-address' }
        : { kind: 'accepted' };
    const first = await campaign.open({});
    expect(await deliverAll(first)).toEqual([{ sent: 1, failed: 1 }]);
    expect(await campaign.outcomes(first)).toEqual({ ada: 'failed/rejected-address', bob: 'sent' });
    expect(await suppressions()).toEqual([
      {
        id: expect.stringMatching(/^sup_/),
        channel: 'email',
        reason: 'rejected-address',
        source: 'provider',
        createdBy: null,
        createdAt: new Date(NINE),
      },
    ]);

    const second = await campaign.open({});
    expect(await deliverAll(second)).toEqual([{ sent: 1, suppressed: 1 }]);
    expect(await campaign.outcomes(second)).toEqual({ ada: 'suppressed/rejected-address', bob: 'sent' });
  });

  it('stays suppressed for somebody who was erased and comes back with it', async () => {
    await seed(person('ada'));
    answer = () => ({ kind: 'rejected', reason: 'rejected-address' });
    await deliverAll(await campaign.open({}));
    await eraseRecipient(
      campaign.db,
      campaign.tenantId,
      'ada',
      { jobId: 'job_1', createdBy: 'test' },
      new Date(NINE),
    );
    await seed(person('ada'));
    const ref = await campaign.open({});
    answer = () => ({ kind: 'accepted' });
    await deliverAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'suppressed/rejected-address' });
  });

  it('gets what is replayed only once the suppression is lifted', async () => {
    await seed(person('ada'));
    answer = () => ({ kind: 'rejected', reason: 'rejected-address' });
    const ref = await campaign.open({});
    const replay = async (): Promise<void> => {
      const by = { tenantId: campaign.tenantId, actorId: 'test', at: new Date(NINE), correlationId: 'c' };
      await replayDeadLetters(campaign.db, by, ref.scheduleId, {});
      await deliverAll(ref);
    };
    await deliverAll(ref);
    const [item] = (await listSuppressions(campaign.db, campaign.tenantId, null, { limit: 1, after: null }))
      .items;
    await liftSuppression(campaign.db, campaign.tenantId, item?.id ?? '');
    await replay();
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'failed/rejected-address' });
    answer = () => ({ kind: 'accepted' });
    await replay();
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'suppressed/rejected-address' });
    expect(channel.sent).toHaveLength(2);
  });

  it('is neither suppressed nor failed when the two cannot be written together', async () => {
    await seed(person('ada'));
    answer = () => ({ kind: 'rejected', reason: 'rejected-address' });
    const ref = await campaign.open({});
    await campaign.db.pool.query('alter table suppression add constraint nothing check (false)');
    try {
      await expect(deliverAll(ref)).rejects.toThrow('nothing');
      expect(await campaign.outcomes(ref)).toEqual({ ada: 'claimed' });
    } finally {
      await campaign.db.pool.query('alter table suppression drop constraint nothing');
    }
  });
});

describe('a message that fails for another reason', () => {
  it.each<SendResult>([
    { kind: 'rejected', reason: 'rejected-message' },
    { kind: 'transient' },
    { kind: 'unknown' },
  ])('says nothing of its address: %j', async (result) => {
    await seed(person('ada'));
    answer = () => result;
    await deliverAll(await campaign.open({}));
    answer = () => ({ kind: 'accepted' });
    campaign.clock.now = NINE;
    const next = await campaign.open({});
    expect(await deliverAll(next)).toEqual([{ sent: 1 }]);
  });
});

describe('a channel without addresses', () => {
  it('asks neither for the key nor for suppressions', async () => {
    const noop = scriptedChannel('noop', () => ({ kind: 'accepted' }));
    const silent = await startCampaign(noop);
    try {
      await seedPeople(silent.db, campaignKeyRing, silent.tenantId, [{ id: 'ada' }]);
      await silent.db.pool.query('drop table suppression, address_key');
      const ref = await silent.open({ channel: 'noop' });
      const [range] = await silent.pages(ref, NINE);
      if (range === undefined) throw new Error('There is no page.');
      expect(await silent.activities.deliverPage({ ...ref, at: NINE, range })).toEqual({ sent: 1 });
    } finally {
      await silent.close();
    }
  });
});
