import { randomUUID } from 'node:crypto';
import type { Channel } from '../../channels/channel';
import { createZones } from '../../domain/time/zones';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { mailsTo } from '../e2e/inbox';
import { deliveriesOf, ownDomain, postSchedule, putPeople, untilStatus } from '../e2e/people';
import { openSundial } from '../e2e/sundial';
import type { Sundial } from '../e2e/sundial';
import { eventually } from '../eventually';
import { recordHistories } from '../histories/record';
import { testZoneData, testZoneName } from '../zones/test-zones';

jest.setTimeout(180_000);

let fresh: FreshDatabase;
let sundial: Sundial;
let domain: string;

/** Carries every mail to the inbox, but loses the answer to the first one to ada, and refuses the first one to cy. */
function losingAnAnswer(email: Channel): Channel {
  let lost = false;
  let refused = false;
  return {
    ...email,
    async send(message, context) {
      if (!refused && message.address.startsWith('cy@')) {
        refused = true;
        return { kind: 'rejected', reason: 'rejected-message' };
      }
      const result = await email.send(message, context);
      if (lost || !message.address.startsWith('ada@')) return result;
      lost = true;
      return { kind: 'unknown' };
    },
  };
}

beforeEach(async () => {
  fresh = await freshDatabase();
  sundial = await openSundial({
    databaseUrl: fresh.url,
    taskQueue: randomUUID(),
    zones: createZones(testZoneData([0])),
    aroundEmail: losingAnAnswer,
  });
  await sundial.startWorker();
  domain = ownDomain();
  await putPeople(sundial, domain, { ada: testZoneName(0), bob: testZoneName(0) });
});

afterEach(async () => {
  await sundial.stop();
  await fresh.drop();
});

const outcomes = async (id: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(await deliveriesOf(sundial, id)).map(([person, { outcome }]) => [person, outcome]),
  );

describe('a mail that left without an answer', () => {
  it('waits in a completed schedule for a person, whose decision sends it once more by a workflow that had ended', async () => {
    const id = await postSchedule(sundial, { delay: 'PT1S', onUnknown: 'hold' });
    await untilStatus(sundial, id, 'completed');
    await sundial.scheduleWorkflow(id).result();
    expect(await outcomes(id)).toEqual({ ada: 'unknown', bob: 'sent' });
    const [closed] = (await sundial.call('GET', `/v1/schedules/${id}/occurrences`)).body.items;
    expect(closed).toMatchObject({ state: 'completed', considered: 2, counts: { sent: 1, unknown: 1 } });

    const path = `/v1/schedules/${id}/deliveries/decide`;
    const decided = await Promise.all([1, 2].map(() => sundial.call('POST', path, { decision: 'resend' })));
    expect(decided.map(({ status }) => status)).toEqual([202, 202]);
    expect(decided.map(({ body }) => body.people)).toEqual(expect.arrayContaining([0, 1]));
    await eventually('ada is sent to', async () => (await outcomes(id))['ada'] === 'sent');
    await untilStatus(sundial, id, 'completed');

    const mails = await mailsTo(domain);
    expect(mails.map(({ to }) => String(to[0])).toSorted()).toEqual([
      `ada@${domain}`,
      `ada@${domain}`,
      `bob@${domain}`,
    ]);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
    const [again] = (await sundial.call('GET', `/v1/schedules/${id}/occurrences`)).body.items;
    expect(again).toMatchObject({ state: 'completed', counts: { sent: 2 }, closedAt: closed.closedAt });

    const workflows = [sundial.scheduleWorkflow(id), sundial.occurrenceWorkflow(id, closed.nominal)];
    for (const workflow of workflows) await workflow.result();
    await recordHistories('decision', workflows);
  });

  it('is sent again without being asked when the schedule says nothing', async () => {
    const id = await postSchedule(sundial, { delay: 'PT1S' });
    await untilStatus(sundial, id, 'completed');
    expect(await deliveriesOf(sundial, id)).toMatchObject({
      ada: { outcome: 'sent', attempts: 2 },
      bob: { outcome: 'sent', attempts: 1 },
    });
    const mails = await mailsTo(domain);
    expect(mails).toHaveLength(3);
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
  });
});

describe('a mail that failed', () => {
  it('is sent by a replay of the dead letters, and everybody else is left alone', async () => {
    await putPeople(sundial, domain, { cy: testZoneName(0) });
    const id = await postSchedule(sundial, { delay: 'PT1S' });
    await untilStatus(sundial, id, 'completed');
    await sundial.scheduleWorkflow(id).result();
    expect(await outcomes(id)).toEqual({ ada: 'sent', bob: 'sent', cy: 'failed' });
    const [letter] = (await sundial.call('GET', `/v1/dead-letters?scheduleId=${id}`)).body.items;
    expect(letter).toMatchObject({ recipient: 'cy', reason: 'rejected-message', attempts: 1 });

    const again = [{ scheduleId: id }, { id: letter.id }, { scheduleId: id }];
    const replayed = await Promise.all(
      again.map((body) => sundial.call('POST', '/v1/dead-letters/replay', body)),
    );
    expect(replayed.reduce((sum, { body }) => sum + Number(body.people), 0)).toBe(1);
    await eventually('cy is sent to', async () => (await outcomes(id))['cy'] === 'sent');
    await untilStatus(sundial, id, 'completed');
    expect((await sundial.call('GET', `/v1/dead-letters?scheduleId=${id}`)).body.items).toEqual([]);

    const to = (await mailsTo(domain)).map((mail) => String(mail.to[0])).toSorted();
    expect(to).toEqual([`ada@${domain}`, `ada@${domain}`, `bob@${domain}`, `cy@${domain}`]);
    const [occurrence] = (await sundial.call('GET', `/v1/schedules/${id}/occurrences`)).body.items;
    expect(occurrence).toMatchObject({ state: 'completed', considered: 3, counts: { sent: 3 } });
  });
});
