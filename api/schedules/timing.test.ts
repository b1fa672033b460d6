import { startService } from '../../test/api/service';
import type { TestAnswer, TestService } from '../../test/api/service';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const base = { name: 'News', channel: 'email', content: { body: 'b' } };

const create = (timing: object): Promise<TestAnswer> =>
  service.admin('POST', '/v1/schedules', { body: { ...base, ...timing } });

const codesOf = (answer: TestAnswer): [string, string][] =>
  answer.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]);

describe('when a once schedule fires', () => {
  it('user-local: nextRunAt is the earliest instant that any zone can have', async () => {
    const { body } = await create({ runAt: '2026-12-01T09:00' });
    expect(body).toMatchObject({
      timeZoneMode: 'user-local',
      runAt: '2026-12-01T09:00:00',
      nextRunAt: '2026-11-30T19:00:00.000Z',
    });
  });

  it('an instant with an offset makes it fixed', async () => {
    const { body } = await create({ runAt: '2026-12-01T09:00:00+01:00' });
    expect(body).toMatchObject({
      timeZoneMode: 'fixed',
      runAt: '2026-12-01T09:00:00+01:00',
      nextRunAt: '2026-12-01T08:00:00.000Z',
    });
  });

  it('422: an offset contradicts an explicit user-local', async () => {
    const answer = await create({ runAt: '2026-12-01T09:00:00Z', timeZoneMode: 'user-local' });
    expect(codesOf(answer)).toEqual([['/runAt', 'field.conflict']]);
  });

  it('fixed: a wall time is read in timeZone', async () => {
    const { body } = await create({
      runAt: '2026-12-01T09:00:00',
      timeZoneMode: 'fixed',
      timeZone: 'Asia/Tokyo',
    });
    expect(body).toMatchObject({ timeZone: 'Asia/Tokyo', nextRunAt: '2026-12-01T00:00:00.000Z' });
  });

  it("fixed: timeZone null is the tenant's default zone", async () => {
    const other = await service.otherTenant('America/New_York');
    const body = { ...base, runAt: '2026-12-01T09:00:00', timeZoneMode: 'fixed' };
    const answer = await other.send('POST', '/v1/schedules', { body });
    expect(answer.body).toMatchObject({ timeZone: null, nextRunAt: '2026-12-01T14:00:00.000Z' });
  });

  it('fixed: gap and overlap follow their policies', async () => {
    const berlin = { timeZoneMode: 'fixed', timeZone: 'Europe/Berlin' };
    const at = async (timing: object): Promise<string> =>
      (await create({ ...berlin, ...timing })).body.nextRunAt;
    expect(await at({ runAt: '2027-03-28T02:30:00' })).toBe('2027-03-28T01:30:00.000Z');
    expect(await at({ runAt: '2027-03-28T02:30:00', gap: 'backward' })).toBe('2027-03-28T00:30:00.000Z');
    expect(await at({ runAt: '2027-03-28T02:30:00', gap: 'at-transition' })).toBe('2027-03-28T01:00:00.000Z');
    expect(await at({ runAt: '2027-10-31T02:30:00' })).toBe('2027-10-31T00:30:00.000Z');
    expect(await at({ runAt: '2027-10-31T02:30:00', overlap: 'second' })).toBe('2027-10-31T01:30:00.000Z');
    const skipped = await create({ ...berlin, runAt: '2027-03-28T02:30:00', gap: 'skip' });
    expect(codesOf(skipped)).toEqual([['/runAt', 'time.skipped']]);
  });

  it('delay forces fixed, from now on', async () => {
    const { body } = await create({ delay: 'P1DT1H', timeZoneMode: 'user-local' });
    expect(body).toMatchObject({
      timeZoneMode: 'fixed',
      runAt: null,
      delay: 'P1DT1H',
      nextRunAt: '2026-11-21T13:00:00.000Z',
    });
  });

  it.each(['P1M', 'P1Y', '90s', '', 'PT', '-PT5M', 'P2000D'])('422: refuses the delay %p', async (delay) => {
    expect(codesOf(await create({ delay }))).toEqual([['/delay', 'duration.invalid']]);
  });

  it('422: wants exactly one of runAt and delay', async () => {
    expect(codesOf(await create({}))).toEqual([['/runAt', 'field.conflict']]);
    expect(codesOf(await create({ runAt: '2026-12-01T09:00:00', delay: 'PT1H' }))).toEqual([
      ['/runAt', 'field.conflict'],
    ]);
  });

  it.each([
    'tomorrow',
    '2026-02-30T09:00:00',
    '2026-12-01T24:00:00',
    '2026-12-01',
    '2026-12-01 09:00:00',
    '2026-13-01T09:00:00',
    '9999-01-01T00:00:00',
  ])('422: refuses runAt %p', async (runAt) => {
    expect(codesOf(await create({ runAt }))).toEqual([['/runAt', 'time.invalid']]);
  });

  it.each([
    '2026-12-01T09:00:00+0530',
    '2026-12-01t09:00:00z',
    '2026-12-01T09:00:00.5',
    '2026-12-01T09:00:00+05',
    '2026-12-01',
  ])('422: shows both forms to who writes runAt %p', async (runAt) => {
    const [{ message }] = (await create({ runAt })).body.errors;
    expect(message).toBe(
      'runAt: must be a wall time such as 2026-12-01T09:00:00, or an instant such as 2026-12-01T09:00:00Z or ' +
        '2026-12-01T09:00:00+05:30',
    );
  });

  it('422: says what is wrong with a time that has the right form', async () => {
    const [{ message }] = (await create({ runAt: '2026-02-30T09:00:00Z' })).body.errors;
    expect(message).toBe('runAt: 2026-02 has no day 30');
  });

  it('422: refuses what is past beyond the grace in every zone', async () => {
    expect(codesOf(await create({ runAt: '2026-11-19T09:00:00' }))).toEqual([['/runAt', 'time.past']]);
    expect(codesOf(await create({ runAt: '2026-11-20T10:59:59Z' }))).toEqual([['/runAt', 'time.past']]);
  });

  it('201: takes what is past within the grace, or still to come somewhere', async () => {
    expect((await create({ runAt: '2026-11-20T11:00:01Z' })).status).toBe(201);
    expect((await create({ runAt: '2026-11-20T09:00:00' })).status).toBe(201);
  });

  it('422: judges the past by the late policy and by expiresAfter', async () => {
    const past = { runAt: '2026-11-20T11:58:00Z' };
    expect((await create(past)).status).toBe(201);
    expect(codesOf(await create({ ...past, late: { policy: 'skip' } }))).toEqual([['/runAt', 'time.past']]);
    expect(codesOf(await create({ ...past, expiresAfter: 'PT1M' }))).toEqual([['/runAt', 'time.past']]);
  });

  it('422: refuses an expiry of nothing', async () => {
    const answer = await create({ runAt: '2026-12-01T09:00:00', expiresAfter: 'PT0S' });
    expect(codesOf(answer)).toEqual([['/expiresAfter', 'duration.invalid']]);
  });
});
