import { randomUUID } from 'node:crypto';
import { NINE, campaignKeyRing, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { seedPeople } from '../test/people';
import type { SendResult } from '../channels/channel';
import { claim } from '../store/ledger';
import { readOccurrence } from '../store/occurrences';
import { pause } from '../worker/pause';
import type { OccurrenceRef, PageRange } from './contract';

let answer: (address: string, attempt: number) => SendResult | Promise<SendResult>;
let channel: ScriptedChannel;
let campaign: Campaign;
let rids: string[];

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

async function seed(count: number): Promise<void> {
  const people = Array.from({ length: count }, (_, index) => ({
    id: `p${index}`,
    email: `p${index}@example.test`,
  }));
  rids = await seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, people);
}

async function onlyPage(ref: OccurrenceRef): Promise<PageRange> {
  const [range] = await campaign.pages(ref, NINE);
  if (!range) throw new Error('There is no page.');
  return range;
}

/** Claims people as an attempt that died before it recorded anything. */
async function abandon(ref: OccurrenceRef, of: readonly string[], leaseUntil: number): Promise<void> {
  const record = await readOccurrence(campaign.db, ref.tenantId, ref.occurrenceId);
  if (!record) throw new Error('There is no occurrence.');
  const entries = of.map((rid) => ({
    rid,
    zone: 'UTC',
    zoneSource: 0,
    due: NINE,
    adjusted: null,
    channel: 'email' as const,
    addressKey: null,
  }));
  await claim(campaign.db, ref.scheduleId, record, entries, { id: randomUUID(), leaseUntil }, NINE);
}

const sum = (counts: Partial<Record<string, number>>): number =>
  Object.values(counts).reduce<number>((total, count = 0) => total + count, 0);

describe('after a crash', () => {
  it('a page waits for claims that may live and takes them over when their lease has run out', async () => {
    await seed(5);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    await abandon(ref, rids.slice(0, 2), NINE + 3_000);
    expect(await campaign.activities.deliverPage({ ...ref, at: NINE, range })).toEqual({ sent: 5 });
    expect(sum({ slept: campaign.slept.reduce((total, ms) => total + ms, 0) })).toBe(3_000);
    expect(await campaign.rows(ref)).toMatchObject(
      [3_000, 3_000, 0, 0, 0].map((ms) => ({ state: 'sent', settled_at: new Date(NINE + ms), owner: null })),
    );
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 5 });
  });

  it('claims are found by the next plan and the next cut, even when their people left the audience', async () => {
    await seed(3);
    const ref = await campaign.open({ audience: { kind: 'recipients', ids: ['p0', 'p1'] } });
    await abandon(ref, [rids[2] ?? ''], NINE - 1);
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ waves: [{ at: NINE, people: 3 }] });
    const range = await onlyPage(ref);
    expect(range.people).toBe(3);
    expect(await campaign.activities.deliverPage({ ...ref, at: NINE, range })).toEqual({ sent: 3 });
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ waves: [{ people: 0 }] });
  });

  it('an abandoned claim of a cancelled schedule is recorded as cancelled, one of an erased person as erased', async () => {
    await seed(2);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    await abandon(ref, rids, NINE - 1);
    await campaign.db.pool.query(
      'update recipient set erased_at = now(), external_id = null where rid = $1',
      [rids[0]],
    );
    await campaign.cancel(ref);
    await campaign.activities.deliverPage({ ...ref, at: null, range });
    expect((await campaign.rows(ref)).map(({ state }) => state)).toEqual(['erased', 'cancelled']);
    expect(channel.sent).toEqual([]);
  });

  it('a page goes on at its cursor and adds to the counts of the attempt before', async () => {
    await seed(250);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    const stop = new AbortController();
    answer = () => {
      if (channel.sent.length === 120) stop.abort();
      return { kind: 'accepted' };
    };
    const first = campaign.worker({ run: { stop: stop.signal } });
    await expect(first.deliverPage({ ...ref, at: NINE, range })).rejects.toThrow('stopped');
    const sentBefore = channel.sent.length;
    expect(sentBefore).toBeLessThan(250);
    const left = campaign.heartbeats.at(-1);
    expect(left?.counts).toEqual({ sent: sentBefore });

    // What was claimed and not sent was given back: nobody waits for a lease.
    const second = campaign.worker({ run: { resumed: JSON.parse(JSON.stringify(left)) as unknown } });
    expect(await second.deliverPage({ ...ref, at: NINE, range })).toEqual({ sent: 250 });
    expect(campaign.slept).toEqual([]);
    expect(channel.sent).toHaveLength(250);
    expect(new Set(channel.sent.map(({ id }) => id)).size).toBe(250);
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 250 });
  });

  it('a page starts over when what the attempt before left makes no sense', async () => {
    await seed(3);
    for (const resumed of [
      null,
      'x',
      { cursor: '-1' },
      { cursor: '99999999' },
      { cursor: 5 },
      { counts: { sent: 9 } },
    ]) {
      const ref = await campaign.open({ category: 'transactional' });
      const range = await onlyPage(ref);
      const worker = campaign.worker({ run: { resumed } });
      expect(await worker.deliverPage({ ...ref, at: NINE, range })).toEqual({ sent: 3 });
    }
  });

  it('retries that were made before a shutdown count', async () => {
    await seed(1);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    const stop = new AbortController();
    answer = () => {
      if (channel.sent.length === 2) stop.abort();
      return { kind: 'transient' };
    };
    const first = campaign.worker({ run: { stop: stop.signal } });
    await expect(first.deliverPage({ ...ref, at: NINE, range })).rejects.toThrow('stopped');
    expect(await campaign.rows(ref)).toMatchObject([{ state: 'claimed', attempts: 2 }]);
    await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    expect(await campaign.rows(ref)).toMatchObject([{ state: 'failed', attempts: 4 }]);
    expect(channel.sent).toHaveLength(4);
  });
});

describe('two attempts at one page', () => {
  it('at the same time send to everybody once', async () => {
    await seed(300);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    // While one waits for the other's leases time has to pass as fast as the other works.
    const began = performance.now();
    const live = { clock: () => NINE + Math.floor(performance.now() - began), sleep: pause };
    const tallies = await Promise.all(
      [campaign.worker(live), campaign.worker(live)].map((worker) =>
        worker.deliverPage({ ...ref, at: NINE, range }),
      ),
    );
    expect(tallies.map(sum).reduce((a, b) => a + b)).toBe(300);
    expect(channel.sent).toHaveLength(300);
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 300 });
  });

  it('of which one was given up for dead: only the owner records, and the counts hold', async () => {
    await seed(1);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let hung: (() => void) | undefined;
    const hanging = new Promise<void>((resolve) => {
      hung = resolve;
    });
    answer = async (_, attempt) => {
      if (attempt > 1) return { kind: 'accepted' };
      hung?.();
      await held;
      return { kind: 'rejected', reason: 'rejected-message' };
    };
    const zombie = campaign.worker({}).deliverPage({ ...ref, at: NINE, range });
    await hanging;
    campaign.clock.now += 60_000;
    expect(await campaign.worker({}).deliverPage({ ...ref, at: NINE, range })).toEqual({ sent: 1 });
    release?.();
    expect(await zombie).toEqual({});
    expect(await campaign.rows(ref)).toMatchObject([{ state: 'sent' }]);
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 1 });
  });

  it('leave a claim that was lost during a back-off to the one who took it', async () => {
    await seed(1);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    answer = async (_, attempt) => {
      if (attempt > 1) return { kind: 'accepted' };
      const leaseUntil = new Date(campaign.clock.now + 60_000);
      await campaign.db.pool.query('update delivery set owner = $1, lease_until = $2', [
        randomUUID(),
        leaseUntil,
      ]);
      campaign.clock.now += 60_000;
      return { kind: 'transient' };
    };
    await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    expect(channel.sent).toHaveLength(2);
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 1 });
  });
});

describe('a page that cannot go on', () => {
  it('fails with what stopped it, gives its claims back, and the next attempt loses nobody', async () => {
    await seed(150);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    answer = () => {
      if (channel.sent.length === 30) throw new Error('a provider must not throw');
      return { kind: 'accepted' };
    };
    await expect(campaign.activities.deliverPage({ ...ref, at: NINE, range })).rejects.toThrow(
      'must not throw',
    );
    await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    expect(campaign.slept).toEqual([]);
    expect(new Set(channel.sent.map(({ id }) => id)).size).toBe(150);
    expect(channel.sent).toHaveLength(151);
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 150 });
  });

  it('fails when Postgres stays away, and nobody is sent to twice after it is back', async () => {
    await seed(5);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    const pool = campaign.db.pool;
    const away = new Proxy(pool, {
      get(target, name): unknown {
        if (name !== 'query') return Reflect.get(target, name);
        return (text: string, values: unknown[]) =>
          text.includes('insert into delivery')
            ? Promise.reject(new Error('away'))
            : target.query(text, values);
      },
    });
    const worker = campaign.worker({ db: { ...campaign.db, pool: away } });
    await expect(worker.deliverPage({ ...ref, at: NINE, range })).rejects.toThrow('away');
    expect(channel.sent).toEqual([]);
    await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    expect(channel.sent).toHaveLength(5);
  });

  it('is put off when it comes far too early, and refused for good without its channel', async () => {
    await seed(1);
    const ref = await campaign.open({});
    const range = await onlyPage(ref);
    campaign.clock.now = NINE - 61_000;
    await expect(campaign.activities.deliverPage({ ...ref, at: NINE, range })).rejects.toMatchObject({
      type: 'PageTooEarly',
      nonRetryable: false,
    });
    const deaf = campaign.worker({ channels: new Map() });
    await expect(deaf.deliverPage({ ...ref, at: NINE, range })).rejects.toMatchObject({
      type: 'ChannelUnknown',
      nonRetryable: true,
    });
    expect(channel.sent).toEqual([]);
  });
});
