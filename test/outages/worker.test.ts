import { EventEmitter, once } from 'node:events';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { pause } from '../../worker/pause';
import { eventually } from '../eventually';
import { startMailServer } from '../mail-server';
import { expectAllSent, launchCampaign, untilSent, untilStatus } from './campaign';
import { call } from './client';
import type { Answer } from './client';
import { leasesThatRun, ledgerOf } from './ledger';
import { expectMailboxes, startGatedMailServer } from './mailbox';
import { raiseOwnStack } from '../../temporal-dev/house/own-stack';
import type { OwnApi, OwnStack } from '../../temporal-dev/house/own-stack';

jest.setTimeout(240_000);

const PEOPLE = 2_000;

/** With 20 connections, 2,000 mails take seven seconds: more than a worker has once it was asked to end. */
const SLOW_PROVIDER_MS = 70;

let stack: OwnStack;
let db: Database;
let api: OwnApi;

beforeAll(async () => {
  stack = await raiseOwnStack();
  db = openDatabase(stack.addresses.postgres);
  api = await stack.startApi();
});

afterAll(async () => {
  await db.close();
  await stack.end();
});

describe('a worker that is killed in the middle of a page', () => {
  it('leaves nobody out, and only those in flight may get a second copy', async () => {
    const answered = 600;
    const killed = new EventEmitter();
    const afterKill = once(killed, 'killed');
    const mail = await startGatedMailServer(async (received) => {
      if (received > answered) await afterKill;
    });
    const worker = await stack.startWorker({ SMTP_URL: mail.url });
    const campaign = await launchCampaign(stack, db, api, 'killed-worker', PEOPLE);
    await untilSent(db, campaign, answered);
    await eventually('mails are kept and not answered', () => mail.copies.length > answered);

    worker.signal('SIGKILL');
    expect(await worker.ended).toBe('SIGKILL');
    const { claimed: inFlight = 0, sent = 0 } = await ledgerOf(db, campaign.scheduleId);
    const unanswered = mail.copies.length - answered;
    expect([sent, inFlight >= unanswered, unanswered >= 1]).toEqual([answered, true, true]);

    killed.emit('killed');
    const successor = await stack.startWorker({ SMTP_URL: mail.url });
    await untilStatus(stack, api, campaign, 'completed');
    await expectAllSent(stack, db, api, campaign);
    expect(expectMailboxes(mail.copies, campaign, inFlight)).toBeGreaterThanOrEqual(unanswered);
    successor.signal('SIGTERM');
    expect(await successor.ended).toBe('code 0');
    await mail.close();
  });
});

describe('a worker that is asked to end in the middle of a page', () => {
  it('hands back whom it has not sent to, and its successor goes on without waiting', async () => {
    const mail = await startGatedMailServer(() => pause(SLOW_PROVIDER_MS));
    const worker = await stack.startWorker({ SMTP_URL: mail.url });
    const campaign = await launchCampaign(stack, db, api, 'ended-worker', PEOPLE);
    await untilSent(db, campaign, 100);

    worker.signal('SIGTERM');
    expect(await worker.ended).toBe('code 0');
    const { sent = 0 } = await ledgerOf(db, campaign.scheduleId);
    expect(sent).toBeLessThan(PEOPLE);
    expect(mail.copies).toHaveLength(sent);
    expect(await leasesThatRun(db, campaign.scheduleId)).toBe(0);

    const successor = await stack.startWorker({ SMTP_URL: mail.url });
    await untilStatus(stack, api, campaign, 'completed');
    await expectAllSent(stack, db, api, campaign);
    expectMailboxes(mail.copies, campaign, 0);
    successor.signal('SIGTERM');
    expect(await successor.ended).toBe('code 0');
    await mail.close();
  });
});

describe('what is recorded as sent', () => {
  it('gets no second copy by a resume, by another worker that goes on, or by a replay of dead letters', async () => {
    const refusing = { now: true };
    const mail = await startMailServer({
      onMailFrom: (_address, _session, done) => void setTimeout(done, SLOW_PROVIDER_MS),
      onRcptTo({ address }, _session, done) {
        // No bad address by its code, so that it can be written to again.
        const refused = refusing.now && /^p\d*[05]@/.test(address);
        done(refused ? Object.assign(new Error('Not this one'), { responseCode: 554 }) : undefined);
      },
    });
    const environment = { SMTP_URL: mail.url };
    const worker = await stack.startWorker(environment);
    const campaign = await launchCampaign(stack, db, api, 'again', 1_000);
    const ask = (path: string, body?: object): Promise<Answer> => call(stack, api, 'POST', path, body);

    await untilSent(db, campaign, 100);
    await ask(`/v1/schedules/${campaign.scheduleId}/pause`);
    await eventually(
      'nobody is on the way',
      async () => (await leasesThatRun(db, campaign.scheduleId)) === 0,
    );
    await ask(`/v1/schedules/${campaign.scheduleId}/resume`);
    const { sent: before = 0 } = await ledgerOf(db, campaign.scheduleId);
    await untilSent(db, campaign, before + 100);
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe('code 0');
    const successor = await stack.startWorker(environment);
    await untilStatus(stack, api, campaign, 'completed');
    expect(await ledgerOf(db, campaign.scheduleId)).toEqual({ sent: 800, failed: 200 });

    refusing.now = false;
    const which = { scheduleId: campaign.scheduleId };
    const replayed = await Promise.all([1, 2, 3].map(() => ask('/v1/dead-letters/replay', which)));
    expect(replayed.reduce((sum, { body }) => sum + Number(body.people), 0)).toBe(200);
    await eventually(
      'all are sent to',
      async () => (await ledgerOf(db, campaign.scheduleId))['sent'] === 1_000,
    );
    await untilStatus(stack, api, campaign, 'completed');
    expect((await ask('/v1/dead-letters/replay', which)).body).toEqual({ people: 0 });
    await expectAllSent(stack, db, api, campaign);
    const copies = mail.mails.map(({ address, id }) => ({ address, messageId: id }));
    expect(expectMailboxes(copies, campaign, 0)).toBe(0);
    successor.signal('SIGTERM');
    expect(await successor.ended).toBe('code 0');
    await mail.close();
  });
});
