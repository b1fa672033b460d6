import { randomUUID } from 'node:crypto';
import { createSmtpChannel } from '../channels/smtp';
import type { Decision } from '../domain/delivery/doubt';
import { HOUR } from '../domain/time/instant';
import { decideUnknown } from '../store/decisions';
import { claim, giveBack } from '../store/ledger';
import { readOccurrence } from '../store/occurrences';
import { campaignKeyRing, NINE, startCampaign } from '../test/campaign';
import type { Campaign } from '../test/campaign';
import { startMailServer } from '../test/mail-server';
import { seedPeople } from '../test/people';
import type { OccurrenceRef, Tally } from './contract';

/** The Message-ID of every mail whose content the server has, answered or not, in order. */
let received: { address: string; id: string }[];
/** Says of the nth mail to somebody whether the server takes it and says so, or takes it and falls silent. */
let answers: (address: string, nth: number) => boolean;
let rids: string[];

let server: Awaited<ReturnType<typeof startMailServer>>;
let channel: ReturnType<typeof createSmtpChannel>;
let campaign: Campaign;

beforeAll(async () => {
  server = await startMailServer({
    closeTimeout: 100,
    onData(stream, { envelope }, done) {
      const address = envelope.rcptTo[0]?.address ?? '';
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      stream.on('end', () => {
        received.push({ address, id: /^Message-ID: (.*)$/m.exec(text)?.[1]?.trim() ?? '' });
        const nth = received.filter((mail) => mail.address === address).length;
        if (answers(address, nth)) done();
      });
    },
  });
  channel = createSmtpChannel({ url: server.url, from: 'news@sundial.test', timeoutMs: 2_000 });
  campaign = await startCampaign(channel);
});

afterAll(async () => {
  await channel.close();
  await server.close();
  await campaign.close();
});

beforeEach(async () => {
  received = [];
  answers = () => true;
  await campaign.reset();
});

async function seed(...names: string[]): Promise<void> {
  const people = names.map((name) => ({ id: name, email: `${name}@example.test` }));
  rids = await seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, people);
}

/** Plans, and takes every page that is due, as the workflow does; the tallies of the pages. */
async function takeAll(ref: OccurrenceRef): Promise<Tally[]> {
  const tallies: Tally[] = [];
  for (const range of await campaign.pages(ref, NINE)) {
    tallies.push(await campaign.activities.deliverPage({ ...ref, at: NINE, range }));
  }
  return tallies;
}

const close = (ref: OccurrenceRef): Promise<Tally | null> => campaign.activities.closeOccurrence(ref);

const decide = (
  { tenantId, scheduleId }: OccurrenceRef,
  decision: Decision,
  which: { occurrence?: string; recipient?: string } = {},
): ReturnType<typeof decideUnknown> =>
  decideUnknown(
    campaign.db,
    { tenantId, actorId: 'admin', at: new Date(campaign.clock.now) },
    scheduleId,
    which,
    decision,
  );

const statusOf = async ({ scheduleId }: OccurrenceRef): Promise<unknown> =>
  (await campaign.db.pool.query('select status from schedule where id = $1', [scheduleId])).rows[0]?.status;

const stateOf = async ({ tenantId, occurrenceId }: OccurrenceRef): Promise<unknown> =>
  (await readOccurrence(campaign.db, tenantId, occurrenceId))?.state;

const copies = (name: string): string[] =>
  received.filter(({ address }) => address === `${name}@example.test`).map(({ id }) => id);

/** Claims people as a worker does that dies before it records anything. */
async function abandon(ref: OccurrenceRef, of: readonly string[]): Promise<{ giveBack(): Promise<void> }> {
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
  const owner = { id: randomUUID(), leaseUntil: NINE - 1 };
  await claim(campaign.db, ref.scheduleId, record, entries, owner, NINE - 2);
  const unsent = of.map((rid) => ({ rid, attempts: null, doubt: null, steps: [] }));
  return { giveBack: () => giveBack(campaign.db, record, unsent, owner.id, NINE - 1) };
}

/** An occurrence of a schedule that says hold, closed with ada undecided and bob sent. */
async function undecided(): Promise<OccurrenceRef> {
  await seed('ada', 'bob');
  answers = (address, nth) => !address.startsWith('ada') || nth > 1;
  const ref = await campaign.open({ onUnknown: 'hold' });
  await takeAll(ref);
  await close(ref);
  await campaign.activities.completeSchedule(ref);
  return ref;
}

describe('a mail whose content the server took without an answer', () => {
  it('is sent again under its Message-ID when the schedule says nothing, and each attempt counts', async () => {
    await seed('ada');
    answers = (_, nth) => nth > 2;
    const ref = await campaign.open({});
    expect(await takeAll(ref)).toEqual([{ sent: 1 }]);
    expect(copies('ada')).toHaveLength(3);
    expect(new Set(copies('ada')).size).toBe(1);
    expect(await campaign.rows(ref)).toMatchObject([{ state: 'sent', attempts: 3 }]);
  });

  it('waits for a decision when the schedule says hold; the occurrence closes and counts it', async () => {
    await seed('ada', 'bob');
    answers = (address) => !address.startsWith('ada');
    const ref = await campaign.open({ onUnknown: 'hold' });
    expect(await takeAll(ref)).toEqual([{ sent: 1, unknown: 1 }]);
    expect(await campaign.rows(ref)).toMatchObject([
      { id: 'ada', state: 'unknown', reason: 'no-answer', attempts: 1, owner: null },
      { id: 'bob', state: 'sent', reason: null },
    ]);
    expect(await takeAll(ref)).toEqual([]);
    expect(await close(ref)).toEqual({ unknown: 1, sent: 1 });
    expect(await campaign.activities.completeSchedule(ref)).toEqual({ status: 'completed' });
    expect(copies('ada')).toHaveLength(1);
  });

  it('waits for a decision when none of its copies was answered', async () => {
    await seed('ada');
    answers = () => false;
    const ref = await campaign.open({});
    expect(await takeAll(ref)).toEqual([{ unknown: 1 }]);
    expect(copies('ada')).toHaveLength(4);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'unknown/no-answer' });
  });
});

describe('a claim whose worker died', () => {
  it('is left to a decision when the schedule says hold, also of one that was cancelled', async () => {
    await seed('ada', 'bob', 'cy');
    const ref = await campaign.open({ onUnknown: 'hold' });
    await abandon(ref, rids.slice(0, 2));
    await campaign.cancel(ref);
    for (const range of await campaign.pages(ref, null)) {
      await campaign.activities.deliverPage({ ...ref, at: null, range });
    }
    expect(await campaign.outcomes(ref)).toEqual({
      ada: 'unknown/owner-lost',
      bob: 'unknown/owner-lost',
      cy: 'cancelled/schedule-cancelled',
    });
    expect(received).toEqual([]);
    expect(await close(ref)).toEqual({ unknown: 2, cancelled: 1 });
  });

  it('is sent again when the schedule says resend, and ends by its expiry', async () => {
    await seed('ada', 'bob');
    const ref = await campaign.open({});
    await abandon(ref, rids.slice(0, 1));
    campaign.clock.now += HOUR;
    await takeAll(ref);
    expect(await campaign.rows(ref)).toMatchObject([
      { state: 'sent', attempts: 2 },
      { state: 'sent', attempts: 1 },
    ]);

    const late = await campaign.open({});
    await abandon(late, rids.slice(0, 1));
    campaign.clock.now += 24 * HOUR;
    await takeAll(late);
    // It may have arrived: only whoever was never sent to has expired.
    expect(await campaign.outcomes(late)).toEqual({
      ada: 'unknown/owner-lost',
      bob: 'expired/expired-message',
    });
  });

  it.each([
    ['has no address any more', 'update recipient set email = null'],
    [
      'finds no content any more',
      `update schedule_version set config = jsonb_set(config, '{content}', 'null')`,
    ],
  ])('waits for a decision when it %s, because it may have arrived', async (_, change) => {
    await seed('ada');
    const ref = await campaign.open({});
    await abandon(ref, rids);
    await campaign.db.pool.query(change);
    await takeAll(ref);
    expect(await campaign.rows(ref)).toMatchObject([{ state: 'unknown', reason: 'owner-lost', attempts: 1 }]);
    expect(received).toEqual([]);
  });

  it('is not taken for one that its worker gave back unsent', async () => {
    await seed('ada', 'bob');
    const ref = await campaign.open({ onUnknown: 'hold' });
    const stopped = await abandon(ref, rids.slice(0, 1));
    await stopped.giveBack();
    expect(await takeAll(ref)).toEqual([{ sent: 2 }]);
    expect(received).toHaveLength(2);
  });
});

describe('a decision', () => {
  it('to resend opens a closed occurrence again and sends exactly once more, under the same Message-ID', async () => {
    const ref = await undecided();
    expect([await statusOf(ref), await stateOf(ref)]).toEqual(['completed', 'completed']);
    expect(await decide(ref, 'resend')).toEqual({ kind: 'done', people: 1 });
    expect([await statusOf(ref), await stateOf(ref)]).toEqual(['running', 'open']);
    expect(await campaign.activities.readSchedule(ref)).toMatchObject({ kind: 'fire' });
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ waves: [{ at: NINE, people: 1 }] });

    expect(await takeAll(ref)).toEqual([{ sent: 1 }]);
    expect(await close(ref)).toEqual({ sent: 2 });
    expect(await campaign.activities.completeSchedule(ref)).toEqual({ status: 'completed' });
    expect(copies('ada')).toHaveLength(2);
    expect(new Set(copies('ada')).size).toBe(1);
    expect(copies('bob')).toHaveLength(1);
    expect(await campaign.rows(ref)).toMatchObject([{ state: 'sent', attempts: 2 }, { state: 'sent' }]);
  });

  it('to resend takes nobody new into an occurrence that had closed', async () => {
    const ref = await undecided();
    await seedPeople(campaign.db, campaignKeyRing, campaign.tenantId, [
      { id: 'late', email: 'late@example.test' },
    ]);
    await decide(ref, 'resend');
    await takeAll(ref);
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'sent', bob: 'sent' });
  });

  it.each(['sent', 'failed'] as const)(
    'to record %s settles it, counters and all, without a mail',
    async (state) => {
      const ref = await undecided();
      const [before] = await campaign.rows(ref);
      await campaign.db.pool.query('update occurrence set counted_at = now()');
      expect(await decide(ref, state)).toEqual({ kind: 'done', people: 1 });
      const [row] = await campaign.rows(ref);
      expect(row).toMatchObject({ state, reason: 'decided', attempts: 1, settled_at: before?.settled_at });
      expect(await close(ref)).toEqual(state === 'sent' ? { sent: 2 } : { sent: 1, failed: 1 });
      const { rows } = await campaign.db.pool.query('select counted_at from occurrence');
      expect(rows).toEqual([{ counted_at: null }]);
      expect([await statusOf(ref), await stateOf(ref)]).toEqual(['completed', 'completed']);
      expect(copies('ada')).toHaveLength(1);
    },
  );

  it('counts once, however often and by however many it is made', async () => {
    const ref = await undecided();
    const made = await Promise.all([decide(ref, 'sent'), decide(ref, 'resend'), decide(ref, 'failed')]);
    expect(made.filter((one) => one.kind === 'done' && one.people === 1)).toHaveLength(1);
    expect(made.filter((one) => one.kind === 'done' && one.people === 0)).toHaveLength(2);
    expect(await decide(ref, 'sent')).toEqual({ kind: 'done', people: 0 });
    await takeAll(ref);
    const tally = await close(ref);
    expect(Object.values(tally ?? {}).reduce<number>((sum, count = 0) => sum + count, 0)).toBe(2);
    const { rows } = await campaign.db.pool.query(
      `select 1 from audit where schedule_id = $1 and action = 'decide'`,
      [ref.scheduleId],
    );
    expect(rows).toHaveLength(1);
  });

  it('concerns the occurrence and the person that it names', async () => {
    const ref = await undecided();
    expect(await decide(ref, 'sent', { recipient: 'bob' })).toEqual({ kind: 'done', people: 0 });
    expect(await decide(ref, 'sent', { recipient: 'nobody' })).toEqual({ kind: 'done', people: 0 });
    expect(await decide(ref, 'sent', { occurrence: '2026-12-02T09:00:00' })).toEqual({
      kind: 'done',
      people: 0,
    });
    const named = { recipient: 'ada', occurrence: '2026-12-01T09:00:00' };
    expect(await decide(ref, 'sent', named)).toEqual({ kind: 'done', people: 1 });
  });

  it('keeps an occurrence from closing that is about to', async () => {
    await seed('ada');
    answers = (_, nth) => nth > 1;
    const ref = await campaign.open({ onUnknown: 'hold' });
    await takeAll(ref);
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ waves: [{ people: 0 }] });
    await decide(ref, 'resend');
    expect(await close(ref)).toBeNull();
    expect(await stateOf(ref)).toBe('open');
    expect(await campaign.activities.completeSchedule(ref)).toEqual({ status: 'running' });
    await takeAll(ref);
    expect(await close(ref)).toEqual({ sent: 1 });
  });

  it('that comes while a page sends leaves to the page what is the page of', async () => {
    await seed('ada', 'bob');
    const ref = await campaign.open({ onUnknown: 'hold' });
    let decided: ReturnType<typeof decide> | undefined;
    answers = (address) => {
      if (address.startsWith('bob')) decided = decide(ref, 'sent');
      return !address.startsWith('ada');
    };
    await takeAll(ref);
    expect(await decided).toEqual({ kind: 'done', people: 0 });
    expect(await campaign.outcomes(ref)).toEqual({ ada: 'unknown/no-answer', bob: 'sent' });
    expect(await close(ref)).toEqual({ unknown: 1, sent: 1 });
  });

  it('to resend waits while the schedule is paused, and is refused once it is cancelled or archived', async () => {
    const ref = await undecided();
    const set = (status: string): Promise<unknown> =>
      campaign.db.pool.query('update schedule set status = $2 where id = $1', [ref.scheduleId, status]);
    await set('paused');
    expect(await decide(ref, 'resend')).toEqual({ kind: 'done', people: 1 });
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ kind: 'hold' });
    await set('running');
    answers = () => false;
    expect(await takeAll(ref)).toEqual([{ unknown: 1 }]);
    await close(ref);

    await set('cancelled');
    expect(await decide(ref, 'resend')).toMatchObject({ kind: 'over', record: { status: 'cancelled' } });
    await set('completed');
    await campaign.db.pool.query('update schedule set archived_at = now() where id = $1', [ref.scheduleId]);
    expect(await decide(ref, 'resend')).toMatchObject({ kind: 'over' });
    expect(await decide(ref, 'failed')).toEqual({ kind: 'done', people: 1 });
    expect(await decide({ ...ref, tenantId: 2 }, 'failed')).toEqual({ kind: 'unknown' });
  });
});
