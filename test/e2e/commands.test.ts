import { randomUUID } from 'node:crypto';
import { SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { formatWallTime, wallTimeFromSeconds } from '../../domain/time/wall-time';
import { createZones } from '../../domain/time/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { testZoneData, testZoneName } from '../zones/test-zones';
import { mailsTo, textOf } from './inbox';
import { deliveriesOf, ownDomain, postSchedule, putPeople, untilStatus } from './people';
import { openSundial } from './sundial';
import type { Answer, Sundial } from './sundial';

jest.setTimeout(120_000);

let fresh: FreshDatabase;
let sundial: Sundial;
let domain: string;

beforeEach(async () => {
  fresh = await freshDatabase();
  const zones = createZones(testZoneData([0, 30]));
  sundial = await openSundial({ databaseUrl: fresh.url, taskQueue: randomUUID(), zones });
  await sundial.startWorker();
  domain = ownDomain();
});

afterEach(async () => {
  await sundial.stop();
  await fresh.drop();
});

/** What a clock on UTC shows at the first whole second that is at least so far ahead. */
function wallAhead(seconds: number): string {
  const at: Instant = Math.ceil(Date.now() / SECOND) + seconds;
  return formatWallTime(wallTimeFromSeconds(at));
}

const command = (id: string, name: string): Promise<Answer> =>
  sundial.call('POST', `/v1/schedules/${id}/${name}`);

const patch = (id: string, body: unknown, version: number, query = ''): Promise<Answer> =>
  sundial.call('PATCH', `/v1/schedules/${id}${query}`, body, { 'If-Match': `"${version}"` });

const read = async (id: string): Promise<Answer['body']> =>
  (await sundial.call('GET', `/v1/schedules/${id}`)).body;

const untilApplied = (id: string, version: number): Promise<unknown> =>
  eventually(`version ${version} is applied`, async () => (await read(id)).appliedVersion === version);

describe('a schedule that its workflow sleeps on', () => {
  it('fires at the time that a change gives it', async () => {
    await putPeople(sundial, domain, { ada: testZoneName(0) });
    const id = await postSchedule(sundial, { delay: 'PT1H' });
    await untilApplied(id, 1);
    expect((await patch(id, { delay: 'PT1S', name: 'Sooner' }, 1)).status).toBe(200);
    await untilStatus(sundial, id, 'completed');
    expect(await read(id)).toMatchObject({ version: 2, appliedVersion: 2 });
    expect(await mailsTo(domain)).toHaveLength(1);
  });

  it('fires after being published, and not before', async () => {
    await putPeople(sundial, domain, { ada: testZoneName(0) });
    const id = await postSchedule(sundial, { delay: 'PT0S', draft: true });
    await expect(sundial.scheduleWorkflow(id).describe()).rejects.toThrow('not found');
    expect((await command(id, 'publish')).status).toBe(202);
    await untilStatus(sundial, id, 'completed');
    expect(await mailsTo(domain)).toHaveLength(1);
  });

  it('sends nothing while paused, and late when resumed after its time', async () => {
    await putPeople(sundial, domain, { ada: testZoneName(0) });
    const id = await postSchedule(sundial, { delay: 'PT3S' });
    await command(id, 'pause');
    const due = (await read(id)).createdAt;
    await eventually('its time has passed', () => Date.now() > Date.parse(due) + 4 * SECOND);
    expect(await mailsTo(domain)).toEqual([]);
    expect((await command(id, 'resume')).status).toBe(202);
    await untilStatus(sundial, id, 'completed');
    const { ada } = await deliveriesOf(sundial, id);
    expect(ada).toMatchObject({ outcome: 'sent' });
    expect(ada?.latenessMs).toBeGreaterThanOrEqual(SECOND);
  });
});

describe('a schedule that is being sent', () => {
  it('sends the new words to who is still asleep, with apply=running', async () => {
    await putPeople(sundial, domain, { early: testZoneName(30), late: testZoneName(0) });
    const id = await postSchedule(sundial, { runAt: wallAhead(42) });
    await eventually('the first mail', async () => (await mailsTo(domain)).length === 1, {
      withinMs: 40_000,
    });
    const content = { body: 'Other words.' };
    const { status, body } = await patch(id, { content }, 1, '?apply=running');
    expect([status, body.status, body.version]).toEqual([200, 'running', 2]);
    await untilStatus(sundial, id, 'completed');
    const mails = await mailsTo(domain);
    expect(mails.map(({ to }) => to[0])).toEqual([`early@${domain}`, `late@${domain}`]);
    const [first, second] = await Promise.all(mails.map(textOf));
    expect([first, second]).toEqual([
      expect.stringContaining('Hello early'),
      expect.stringContaining('Other words'),
    ]);
  });

  it('holds who is still asleep while paused, and sends to them when resumed, to nobody twice', async () => {
    await putPeople(sundial, domain, { early: testZoneName(30), late: testZoneName(0) });
    const id = await postSchedule(sundial, { runAt: wallAhead(37) });
    await eventually('the first mail', async () => (await mailsTo(domain)).length === 1, {
      withinMs: 40_000,
    });
    expect((await command(id, 'pause')).body).toMatchObject({ status: 'paused', nextRunAt: null });
    expect((await command(id, 'resume')).body).toMatchObject({ status: 'running' });
    await untilStatus(sundial, id, 'completed');
    const people = (await mailsTo(domain)).map(({ to }) => to[0]);
    expect(people).toEqual([`early@${domain}`, `late@${domain}`]);
    expect(await deliveriesOf(sundial, id)).toMatchObject({
      early: { outcome: 'sent' },
      late: { outcome: 'sent' },
    });
  });
});
