import { randomUUID } from 'node:crypto';
import type { Channel } from '../../channels/channel';
import { HOUR, MINUTE, SECOND } from '../../domain/time/instant';
import { createZones } from '../../domain/time/zones';
import { pause } from '../../worker/pause';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { eventually } from '../eventually';
import { testZoneData, testZoneName } from '../zones/test-zones';
import { mailsTo } from './inbox';
import { deliveriesOf, ownDomain, postSchedule, putPeople, untilStatus } from './people';
import { openSundial } from './sundial';
import type { Sundial, SundialSetting } from './sundial';

jest.setTimeout(120_000);

const zones = createZones(testZoneData([0]));

let fresh: FreshDatabase;
let taskQueue: string;
let sundial: Sundial;

beforeEach(async () => {
  fresh = await freshDatabase();
  taskQueue = randomUUID();
});

afterEach(async () => {
  await sundial.stop();
  await fresh.drop();
});

async function open(setting: Partial<SundialSetting> = {}): Promise<Sundial> {
  sundial = await openSundial({ databaseUrl: fresh.url, taskQueue, zones, ...setting });
  await sundial.startWorker();
  return sundial;
}

describe('when everything was stopped while schedules slept', () => {
  it('fires after the next start, late by the rules of each', async () => {
    await open();
    const domain = ownDomain();
    await putPeople(sundial, domain, { ada: testZoneName(0) });
    const rules: Record<string, { fields: Record<string, unknown>; becomes: string }> = {
      'send within the grace': { fields: {}, becomes: 'sent' },
      'send beyond the grace': { fields: { late: { policy: 'send', graceSeconds: 90 } }, becomes: 'expired' },
      skip: { fields: { late: { policy: 'skip' } }, becomes: 'expired' },
      'a message that outlived itself': { fields: { expiresAfter: 'PT1M' }, becomes: 'expired' },
    };
    const runAt = new Date(Date.now() + 6 * SECOND).toISOString();
    const schedules = new Map<string, string>();
    for (const [rule, { fields }] of Object.entries(rules)) {
      schedules.set(rule, await postSchedule(sundial, { runAt, ...fields }));
    }
    for (const scheduleId of schedules.values()) await untilTakenUp(scheduleId);
    await sundial.stop();
    expect(Date.now()).toBeLessThan(Date.parse(runAt));
    await eventually('the instant has passed', () => Date.now() > Date.parse(runAt) + SECOND);

    // The clocks say that it took two minutes.
    await open({ clock: () => Date.now() + 2 * MINUTE });
    const became: Record<string, string | undefined> = {};
    for (const [rule, scheduleId] of schedules) {
      await untilStatus(sundial, scheduleId, 'completed');
      became[rule] = (await deliveriesOf(sundial, scheduleId))['ada']?.outcome;
    }
    expect(became).toEqual(
      Object.fromEntries(Object.entries(rules).map(([rule, { becomes }]) => [rule, becomes])),
    );
    expect(await mailsTo(domain)).toHaveLength(1);
  });
});

async function untilTakenUp(scheduleId: string): Promise<void> {
  await eventually(
    'the workflow has read its order',
    async () => (await sundial.call('GET', `/v1/schedules/${scheduleId}`)).body.appliedVersion === 1,
  );
}

describe('when the worker restarts in the middle of a page', () => {
  it('sends to everybody once', async () => {
    const gate = heldAfter(20);
    await open({ aroundEmail: gate.around });
    const domain = ownDomain();
    const everyone = Array.from({ length: 60 }, (_, n) => [`p${n}`, testZoneName(0)] as const);
    await putPeople(sundial, domain, Object.fromEntries(everyone));
    const scheduleId = await postSchedule(sundial, { delay: 'PT1S' });
    await eventually('the page is half done', () => gate.waiting() > 0);

    const stopping = sundial.stopWorker();
    gate.release();
    await stopping;
    await eventually('mails of the first half', async () => (await mailsTo(domain)).length >= 20);
    await sundial.startWorker();
    await untilStatus(sundial, scheduleId, 'completed');

    const outcomes = Object.values(await deliveriesOf(sundial, scheduleId)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(everyone.map(() => 'sent'));
    const mails = await mailsTo(domain);
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(60);
    expect(mails).toHaveLength(60);
  });
});

/** Lets so many mails through and holds the others until they are released. */
function heldAfter(count: number): {
  around(email: Channel): Channel;
  waiting(): number;
  release(): void;
} {
  let letThrough = 0;
  let waiting = 0;
  const released = new AbortController();
  return {
    around: (email) => ({
      ...email,
      async send(message, context) {
        letThrough += 1;
        if (letThrough > count) {
          waiting += 1;
          await pause(HOUR, released.signal);
        }
        return email.send(message, context);
      },
    }),
    waiting: () => waiting,
    release: () => released.abort(),
  };
}
