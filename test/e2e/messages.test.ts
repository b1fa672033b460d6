import { randomUUID } from 'node:crypto';
import { nudgeMessages } from '../../activities/steward/messages';
import { SECOND } from '../../domain/time/instant';
import { loadZones } from '../../platform/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { mailsTo } from './inbox';
import { ownDomain, putPeople } from './people';
import { openSundial } from './sundial';
import type { Sundial, SundialSetting } from './sundial';

jest.setTimeout(120_000);

const zones = loadZones();

let fresh: FreshDatabase;
let sundial: Sundial;
let domain: string;

beforeEach(async () => {
  fresh = await freshDatabase();
  domain = ownDomain();
});

afterEach(async () => {
  await sundial.stop();
  await fresh.drop();
});

async function open(setting: Partial<SundialSetting> = {}): Promise<void> {
  sundial = await openSundial({ databaseUrl: fresh.url, taskQueue: randomUUID(), zones, ...setting });
  await sundial.startWorker();
  await putPeople(sundial, domain, { ada: 'Asia/Kathmandu' });
}

async function post(fields: Record<string, unknown>): Promise<string> {
  const { status, body } = await sundial.call('POST', '/v1/messages', {
    recipient: 'ada',
    channel: 'email',
    content: { subject: 'For {{first_name}}', body: 'Hello.' },
    ...fields,
  });
  expect(status).toBe(202);
  return body.id;
}

const statusOf = async (id: string): Promise<string> =>
  (await sundial.call('GET', `/v1/messages/${id}`)).body.status;

const untilSent = (id: string): Promise<unknown> =>
  eventually('the message is sent', async () => (await statusOf(id)) === 'sent', {
    withinMs: 60_000,
    everyMs: 50,
  });

describe('an individual message', () => {
  it('is sent at once, or at its instant and not before, and is known by its outcome', async () => {
    await open();
    const sendAt = new Date(Date.now() + 4 * SECOND);
    const later = await post({ sendAt: sendAt.toISOString(), content: { subject: 'Later', body: 'Hello.' } });
    const now = await post({});
    await untilSent(now);
    await untilSent(later);
    const mails = await mailsTo(domain);
    expect(mails.map(({ subject }) => subject)).toEqual(['For ada', 'Later']);
    expect(Date.parse(mails[1]?.receivedAt ?? '')).toBeGreaterThanOrEqual(sendAt.getTime());
  });

  it('is sent although the API died between its commit and the signal', async () => {
    await open({ nudges: 'lost' });
    const id = await post({});
    const { db, tellMessages } = sundial;
    const clock = () => Date.now() + 5 * SECOND;
    const turn = await nudgeMessages({ db, tellMessages, clock }, { cursor: 'told' });
    expect(turn.did).toEqual({ told: 1, unreached: 0 });
    await untilSent(id);
    expect(await mailsTo(domain)).toHaveLength(1);
  });
});
