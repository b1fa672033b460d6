import { randomUUID } from 'node:crypto';
import { SECOND } from '../../domain/time/instant';
import { formatWallTime } from '../../domain/time/wall-time';
import { loadZones } from '../../platform/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { mailsTo, textOf } from './inbox';
import { ownDomain, putPeople } from './people';
import { openSundial } from './sundial';
import type { Answer, Sundial } from './sundial';

jest.setTimeout(120_000);

const zones = loadZones();
const KATHMANDU = 'Asia/Kathmandu';
let fresh: FreshDatabase;
let sundial: Sundial;

beforeAll(async () => {
  fresh = await freshDatabase();
  sundial = await openSundial({ databaseUrl: fresh.url, taskQueue: randomUUID(), zones });
  await sundial.startWorker();
});

afterAll(async () => {
  await sundial.stop();
  await fresh.drop();
});

const content = (subject: string) => ({ subject, body: 'Hello {{first_name}}, {{what}}.' });

function send(subject: string, fields: object): Promise<Answer> {
  return sundial.call('POST', '/v1/messages', {
    recipient: 'ada',
    channel: 'email',
    content: content(subject),
    data: { what: 'it is time' },
    category: 'transactional',
    ...fields,
  });
}

describe('a message to one person', () => {
  it('is in the inbox: now, at their wall time, after a delay, out of a batch, once for a key and never when cancelled', async () => {
    const domain = ownDomain();
    await putPeople(sundial, domain, { ada: KATHMANDU });
    const begun = Date.now();
    const soon = (Math.ceil(begun / SECOND) + 3) * SECOND;
    const accepted = [
      await send('now', {}),
      await send('urgent', { priority: 1 }),
      await send('wall', { sendLocal: formatWallTime(zones.wallTimeAt(KATHMANDU, soon)) }),
      await send('delay', { delay: 'PT2S' }),
      await send('key', { dedupeKey: 'order 1' }),
    ];
    expect(accepted.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
    const again = await send('key', { dedupeKey: 'order 1' });
    expect([again.status, again.body.id]).toEqual([200, accepted[4]?.body.id]);
    const cancelled = await send('cancelled', { delay: 'PT2S' });
    expect((await sundial.call('DELETE', `/v1/messages/${cancelled.body.id}`)).status).toBe(204);
    const batch = await sundial.call('POST', '/v1/messages/batch', {
      messages: ['one', 'two'].map((subject) => ({
        recipient: 'ada',
        channel: 'email',
        content: content(subject),
      })),
    });
    expect(batch.body.items.map(({ status }: Answer) => status)).toEqual([202, 202]);

    const mails = await eventually('the mails', async () => {
      const found = await mailsTo(domain);
      return found.length >= 7 && found;
    });
    const subjects = ['delay', 'key', 'now', 'one', 'two', 'urgent', 'wall'];
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual(subjects);
    const [first] = mails.filter(({ subject }) => subject === 'now');
    expect(first && (await textOf(first))).toContain('Hello ada, it is time.');
    const atTheWall = mails.find(({ subject }) => subject === 'wall');
    expect(Date.parse(atTheWall?.receivedAt ?? '')).toBeGreaterThanOrEqual(soon - SECOND);

    const outcome = await eventually('the outcome', async () => {
      const { body } = await sundial.call('GET', `/v1/messages/${accepted[0]?.body.id}`);
      return body.status === 'sent' && body;
    });
    expect(outcome).toMatchObject({ recipient: 'ada', reason: null, latenessMs: expect.any(Number) });
    expect((await sundial.call('GET', `/v1/messages/${cancelled.body.id}`)).body.status).toBe('cancelled');
    // A mail is in the inbox a moment before its outcome is in the ledger.
    const metrics = await eventually('the outcomes of all', async () => {
      const { body } = await sundial.call('GET', '/v1/notifications/metrics');
      return body.sent === 7 && body;
    });
    expect(metrics).toMatchObject({ considered: 8, sent: 7, cancelled: 1 });
  });
});
