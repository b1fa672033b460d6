import { randomUUID } from 'node:crypto';
import { SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { formatWallTime, wallTimeFromSeconds } from '../../domain/time/wall-time';
import { parseZoneData } from '../../domain/time/zone-data';
import { createZones } from '../../domain/time/zones';
import type { Zones } from '../../domain/time/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { recordHistories } from '../histories/record';
import { testZoneData, testZoneName } from '../zones/test-zones';
import { mailsTo, textOf } from './inbox';
import { deliveriesOf, ownDomain, postSchedule, putPeople, untilStatus } from './people';
import { openSundial } from './sundial';
import type { Sundial } from './sundial';

jest.setTimeout(120_000);

let fresh: FreshDatabase;
let sundial: Sundial;

beforeEach(async () => {
  fresh = await freshDatabase();
});

afterEach(async () => {
  await sundial.stop();
  await fresh.drop();
});

async function open(zones: Zones): Promise<Sundial> {
  sundial = await openSundial({ databaseUrl: fresh.url, taskQueue: randomUUID(), zones });
  await sundial.startWorker();
  return sundial;
}

/** What a clock on UTC shows. */
const wallAt = (at: Instant): string => formatWallTime(wallTimeFromSeconds(Math.floor(at / SECOND)));

/** The next whole second that is at least so far ahead. */
const secondsFromNow = (seconds: number): Instant => (Math.ceil(Date.now() / SECOND) + seconds) * SECOND;

async function expectCompleted(scheduleId: string, nominal: string): Promise<void> {
  const workflows = [sundial.scheduleWorkflow(scheduleId), sundial.occurrenceWorkflow(scheduleId, nominal)];
  for (const workflow of workflows) {
    await workflow.result();
    const { status, searchAttributes } = await workflow.describe();
    expect(status.name).toBe('COMPLETED');
    expect(searchAttributes['SundialSchedule']).toEqual([scheduleId]);
  }
}

describe('from a request to a mail', () => {
  it('sends after a delay, and the API, the ledger and Temporal agree on it', async () => {
    await open(createZones(testZoneData([0])));
    const domain = ownDomain();
    await putPeople(sundial, domain, { ada: testZoneName(0) });
    const scheduleId = await postSchedule(sundial, { delay: 'PT1S' });

    const [mail] = await eventually('the mail', async () => {
      const mails = await mailsTo(domain);
      return mails.length > 0 && mails;
    });
    expect(mail).toMatchObject({ to: [`ada@${domain}`], subject: 'For ada' });
    expect(mail && (await textOf(mail))).toContain('Hello ada.');

    await untilStatus(sundial, scheduleId, 'completed');
    expect(await deliveriesOf(sundial, scheduleId)).toMatchObject({ ada: { outcome: 'sent' } });
    const { body } = await sundial.call('GET', `/v1/schedules/${scheduleId}/occurrences`);
    expect(body.items).toMatchObject([{ state: 'completed', counts: { sent: 1 } }]);
    await expectCompleted(scheduleId, body.items[0].nominal);
    expect(await mailsTo(domain)).toHaveLength(1);
  });

  it('reaches 12 people in 6 zones, each when their own clock shows the wall time', async () => {
    const ahead = [0, 2, 4, 6, 8, 10];
    await open(createZones(testZoneData(ahead)));
    const domain = ownDomain();
    const zoneOf: Record<string, string> = {};
    for (const seconds of ahead) {
      zoneOf[`a${seconds}`] = testZoneName(seconds);
      zoneOf[`b${seconds}`] = testZoneName(seconds);
    }
    await putPeople(sundial, domain, zoneOf);
    const last = secondsFromNow(14);
    const nominal = wallAt(last);
    const scheduleId = await postSchedule(sundial, { runAt: nominal });
    await untilStatus(sundial, scheduleId, 'completed');

    const deliveries = await deliveriesOf(sundial, scheduleId);
    expect(Object.keys(deliveries)).toHaveLength(12);
    for (const seconds of ahead) {
      for (const person of [`a${seconds}`, `b${seconds}`]) {
        const delivery = deliveries[person];
        const due = new Date(last - seconds * SECOND).toISOString();
        expect(delivery).toMatchObject({ outcome: 'sent', timeZone: testZoneName(seconds), dueAt: due });
        expect(delivery?.latenessMs).toBeGreaterThanOrEqual(0);
        expect(delivery?.latenessMs).toBeLessThan(10 * SECOND);
      }
    }
    const mails = await mailsTo(domain);
    expect(new Set(mails.flatMap((mail) => mail.to)).size).toBe(12);
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(12);
    expect(mails).toHaveLength(12);
    await expectCompleted(scheduleId, nominal);
    await recordHistories('complete', [
      sundial.scheduleWorkflow(scheduleId),
      sundial.occurrenceWorkflow(scheduleId, nominal),
    ]);
  });

  it('records those who are still asleep as cancelled at once when the schedule is cancelled', async () => {
    await open(createZones(testZoneData([0, 55])));
    const domain = ownDomain();
    await putPeople(sundial, domain, { early: testZoneName(55), late: testZoneName(0) });
    const nominal = wallAt(secondsFromNow(57));
    const scheduleId = await postSchedule(sundial, { runAt: nominal });
    await eventually('the first mail', async () => (await mailsTo(domain)).length === 1);

    expect((await sundial.call('POST', `/v1/schedules/${scheduleId}/cancel`)).status).toBe(202);
    await expectCompleted(scheduleId, nominal);
    expect(await deliveriesOf(sundial, scheduleId)).toMatchObject({
      early: { outcome: 'sent' },
      late: { outcome: 'cancelled' },
    });
    const { body } = await sundial.call('GET', `/v1/schedules/${scheduleId}`);
    expect(body).toMatchObject({ status: 'cancelled', version: body.appliedVersion });
    expect(await mailsTo(domain)).toHaveLength(1);
    await recordHistories('cancel', [
      sundial.scheduleWorkflow(scheduleId),
      sundial.occurrenceWorkflow(scheduleId, nominal),
    ]);
  });

  it('opens no occurrence of a schedule that is cancelled before its time', async () => {
    await open(createZones(testZoneData([0])));
    const domain = ownDomain();
    await putPeople(sundial, domain, { ada: testZoneName(0) });
    const scheduleId = await postSchedule(sundial, { delay: 'PT1H' });
    await sundial.call('POST', `/v1/schedules/${scheduleId}/cancel`);

    await expect(sundial.scheduleWorkflow(scheduleId).result()).resolves.toEqual({ status: 'cancelled' });
    const { body } = await sundial.call('GET', `/v1/schedules/${scheduleId}/occurrences`);
    expect(body.items).toEqual([]);
    await recordHistories('cancel-before', [sundial.scheduleWorkflow(scheduleId)]);
  });

  it('moves a wall time that a zone skips behind the gap, and records it when the policy is to skip', async () => {
    const jump = secondsFromNow(4);
    await open(createZones(zonesWithJump(jump, 4)));
    const domain = ownDomain();
    await putPeople(sundial, domain, { jumps: 'Test/Jump', steady: testZoneName(0) });
    const nominal = wallAt(jump + 2 * SECOND);
    const forward = await postSchedule(sundial, { runAt: nominal });
    const skip = await postSchedule(sundial, { runAt: nominal, gap: 'skip' });
    await untilStatus(sundial, forward, 'completed');
    await untilStatus(sundial, skip, 'completed');

    const due = new Date(jump + 2 * SECOND).toISOString();
    expect(await deliveriesOf(sundial, forward)).toMatchObject({
      jumps: { outcome: 'sent', adjusted: 'gap', dueAt: due },
      steady: { outcome: 'sent', adjusted: null, dueAt: due },
    });
    expect(await deliveriesOf(sundial, skip)).toMatchObject({
      jumps: { outcome: 'skipped' },
      steady: { outcome: 'sent' },
    });
    expect(await mailsTo(domain)).toHaveLength(3);
    await recordHistories('gap', [
      sundial.scheduleWorkflow(forward),
      sundial.occurrenceWorkflow(forward, nominal),
    ]);
    await recordHistories('gap-skip', [
      sundial.scheduleWorkflow(skip),
      sundial.occurrenceWorkflow(skip, nominal),
    ]);
  });
});

/** Beside a steady zone on UTC, one whose clocks jump ahead by some seconds at an instant. */
function zonesWithJump(at: Instant, seconds: number): Parameters<typeof createZones>[0] {
  const { version, zones, links, countries } = testZoneData([0]);
  const rule = `<TEST>-00:00:${String(seconds).padStart(2, '0')}`;
  const jump = { first: 0, at: [at / SECOND], offset: [seconds], rule };
  return parseZoneData({ version, zones: { ...zones, 'Test/Jump': jump }, links, countries });
}
