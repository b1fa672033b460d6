import { randomUUID } from 'node:crypto';
import type { SendResult } from '../channels/channel';
import { claim } from '../store/ledger';
import { readOccurrence } from '../store/occurrences';
import { eventually } from '../test/eventually';
import { NINE, campaignKeyRing, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign, ScriptedChannel } from '../test/campaign';
import { seedPeople } from '../test/people';
import { pause } from '../worker/pause';
import type { OccurrenceRef, Tally } from './contract';

let answer: () => SendResult | Promise<SendResult>;
let channel: ScriptedChannel;
let campaign: Campaign;

beforeAll(async () => {
  channel = scriptedChannel('email', () => answer());
  campaign = await startCampaign(channel);
});

afterAll(() => campaign.close());

beforeEach(async () => {
  answer = () => ({ kind: 'accepted' });
  channel.sent.length = 0;
  await campaign.reset();
});

const seed = (...ids: string[]): Promise<string[]> =>
  seedPeople(
    campaign.db,
    campaignKeyRing,
    campaign.tenantId,
    ids.map((id) => ({ id, email: `${id}@example.test`, attributes: { first_name: id } })),
  );

async function onlyPage(ref: OccurrenceRef) {
  const [range] = await campaign.pages(ref, NINE);
  if (!range) throw new Error('There is no page.');
  return { ...ref, at: NINE, range };
}

const command = (sql: string, id: string) => campaign.db.pool.query(sql, [id]);

/** Runs the page five seconds early, and `during` while it holds: with fake time the hold would be over by then. */
async function whileHolding(ref: OccurrenceRef, during: () => Promise<unknown>): Promise<Tally> {
  const page = await onlyPage(ref);
  campaign.clock.now = NINE - 5_000;
  const holding = campaign.worker({
    sleep: async (_, stop) => {
      await during();
      await pause(20_000, stop);
    },
  });
  return holding.deliverPage(page);
}

describe('a page that is armed', () => {
  it('holds until its instant, and sends what it has made ready', async () => {
    await seed('ada', 'bob');
    const ref = await campaign.open({});
    const page = await onlyPage(ref);
    campaign.clock.now = NINE - 5_000;
    expect(await campaign.activities.deliverPage(page)).toEqual({ sent: 2 });
    expect(campaign.slept).toEqual([3_500, 1_500]);
    expect(await campaign.rows(ref)).toMatchObject(
      ['ada', 'bob'].map((id) => ({ id, state: 'sent', settled_at: new Date(NINE) })),
    );
    expect(channel.sent.map(({ body }) => body)).toEqual(['Hello ada', 'Hello bob']);
  });

  it('is no later for it: lateness is judged when sending starts', async () => {
    await seed('ada');
    const ref = await campaign.open({ late: { policy: 'skip', graceSeconds: 0 } });
    const page = await onlyPage(ref);
    campaign.clock.now = NINE - 5_000;
    const slow = campaign.worker({
      sleep: () => {
        campaign.clock.now = NINE + 61_000;
        return Promise.resolve();
      },
    });
    expect(await slow.deliverPage(page)).toEqual({ expired: 1 });
  });

  it('reads people a moment before the instant, not when it starts', async () => {
    const [, bob] = await seed('ada', 'bob');
    const ref = await campaign.open({});
    const page = await onlyPage(ref);
    campaign.clock.now = NINE - 5_000;
    const worker = campaign.worker({
      sleep: async (ms) => {
        if (campaign.clock.now < NINE - 2_000) {
          await campaign.db.pool.query(
            `update recipient set attributes = '{"first_name": "Bea"}' where rid = $1`,
            [bob],
          );
        }
        campaign.clock.now += ms;
      },
    });
    await worker.deliverPage(page);
    expect(channel.sent.map(({ body }) => body)).toEqual(['Hello ada', 'Hello Bea']);
  });

  it('does not send to somebody who is erased after that', async () => {
    const [ada] = await seed('ada', 'bob');
    const ref = await campaign.open({});
    const page = await onlyPage(ref);
    campaign.clock.now = NINE - 1_000;
    const worker = campaign.worker({
      sleep: async (ms) => {
        campaign.clock.now += ms;
        await campaign.db.pool.query('update recipient set erased_at = now() where rid = $1', [ada]);
      },
    });
    expect(await worker.deliverPage(page)).toEqual({ sent: 1 });
    expect(channel.sent.map(({ body }) => body)).toEqual(['Hello bob']);
  });

  it('claims nobody before the instant', async () => {
    await seed('ada');
    const ref = await campaign.open({});
    const page = await onlyPage(ref);
    campaign.clock.now = NINE - 5_000;
    const rows: number[] = [];
    const worker = campaign.worker({
      sleep: async (ms) => {
        rows.push((await campaign.rows(ref)).length);
        campaign.clock.now += ms;
      },
    });
    await worker.deliverPage(page);
    expect(rows).toEqual([0, 0]);
  });

  it.each([
    ['paused', `update schedule set status = 'paused' where id = $1`],
    ['changed', `update occurrence set version = 2 where schedule_id = $1`],
  ])('lets go of its people within a second when its schedule is %s', async (_, sql) => {
    await seed('ada');
    const ref = await campaign.open({});
    const began = performance.now();
    expect(await whileHolding(ref, () => command(sql, ref.scheduleId))).toEqual({});
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await campaign.rows(ref)).toEqual([]);
    expect(channel.sent).toEqual([]);
  });

  it('records its people as cancelled, before the instant, when its schedule is cancelled', async () => {
    await seed('ada');
    const ref = await campaign.open({});
    expect(await whileHolding(ref, () => campaign.cancel(ref))).toEqual({ cancelled: 1 });
    expect(channel.sent).toEqual([]);
  });

  it('is handed back when its worker stops', async () => {
    await seed('ada');
    const ref = await campaign.open({});
    const page = await onlyPage(ref);
    campaign.clock.now = NINE - 5_000;
    const stop = new AbortController();
    const worker = campaign.worker({
      run: { stop: stop.signal },
      sleep: async (_, signal) => {
        stop.abort();
        await pause(20_000, signal);
      },
    });
    await expect(worker.deliverPage(page)).rejects.toThrow('stopped');
    expect(await campaign.rows(ref)).toEqual([]);
  });

  it('is refused when it starts more than a minute early', async () => {
    await seed('ada');
    const page = await onlyPage(await campaign.open({}));
    campaign.clock.now = NINE - 61_000;
    await expect(campaign.activities.deliverPage(page)).rejects.toMatchObject({ type: 'PageTooEarly' });
  });
});

describe('a pause', () => {
  it('in the middle of a page claims nobody more, gives back who is not on the wire, and resume sends the rest once', async () => {
    const ids = Array.from({ length: 400 }, (_, index) => `p${index}`);
    await seed(...ids);
    const ref = await campaign.open({});
    const page = await onlyPage(ref);
    const query = jest.spyOn(campaign.db.pool, 'query');
    const looks = (): number =>
      query.mock.calls.filter(([sql]) => sql.includes('select o.state, o.version')).length;
    let wire: Promise<unknown> | undefined;
    const pauseAndBeSeen = async (): Promise<void> => {
      await command(`update schedule set status = 'paused' where id = $1`, ref.scheduleId);
      const before = looks();
      // A look begins when the one before it is over: the first that began after the pause has been obeyed.
      await eventually('the page has looked', () => looks() >= before + 2);
    };
    answer = async () => {
      if (channel.sent.length >= 50) await (wire ??= pauseAndBeSeen());
      return { kind: 'accepted' };
    };
    const tally = await campaign.activities.deliverPage(page);
    query.mockRestore();
    const before = channel.sent.length;
    // Twenty were on the wire when the schedule was paused.
    expect(before).toBeLessThanOrEqual(50 + channel.concurrency);
    expect(tally).toEqual({ sent: before });
    expect(await campaign.activities.deliverPage(page)).toEqual({});
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ kind: 'hold', version: 1 });
    expect(channel.sent).toHaveLength(before);

    await command(`update schedule set status = 'running' where id = $1`, ref.scheduleId);
    for (const range of await campaign.pages(ref, NINE)) {
      await campaign.activities.deliverPage({ ...ref, at: NINE, range });
    }
    expect(await campaign.activities.closeOccurrence(ref)).toEqual({ sent: 400 });
    expect(new Set(channel.sent.map(({ id }) => id)).size).toBe(400);
    expect(channel.sent).toHaveLength(400);
  });

  it('leaves the claims of the dead to whoever resumes', async () => {
    const [ada = ''] = await seed('ada', 'bob');
    const ref = await campaign.open({});
    const page = await onlyPage(ref);
    const record = await readOccurrence(campaign.db, ref.tenantId, ref.occurrenceId);
    if (!record) throw new Error('There is no occurrence.');
    const entry = {
      rid: ada,
      zone: 'UTC',
      zoneSource: 0,
      due: NINE,
      adjusted: null,
      channel: 'email',
      addressKey: null,
    } as const;
    const dead = { id: randomUUID(), leaseUntil: NINE + 1_000 };
    await claim(campaign.db, ref.scheduleId, record, [entry], dead, NINE - 2);
    // Paused while the page waits for the lease to run out.
    const sleep = async (ms: number): Promise<void> => {
      await command(`update schedule set status = 'paused' where id = $1`, ref.scheduleId);
      campaign.clock.now += ms;
    };
    expect(await campaign.worker({ sleep }).deliverPage(page)).toEqual({ sent: 1 });
    expect(await campaign.outcomes(ref)).toEqual({ ada: expect.stringMatching(/^claimed/), bob: 'sent' });

    await command(`update schedule set status = 'running' where id = $1`, ref.scheduleId);
    expect(await campaign.activities.deliverPage(page)).toEqual({ sent: 1 });
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'sent', bob: 'sent' });
  });
});
