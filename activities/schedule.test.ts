import { NINE, campaignKeyRing, plainConfig, scriptedChannel, startCampaign } from '../test/campaign';
import type { Campaign } from '../test/campaign';
import type { ResolvedAudience } from '../domain/audience/condition';
import { cutIntoPages } from '../store/audience';
import { readOccurrence } from '../store/occurrences';
import { seedPeople } from '../test/people';
import { armingLead, openingLead } from './arming';
import type { OccurrenceRef } from './contract';

let campaign: Campaign;

beforeAll(async () => {
  campaign = await startCampaign(scriptedChannel('email', () => ({ kind: 'accepted' })));
});

afterAll(() => campaign.close());

const scheduleRow = async ({ scheduleId }: { scheduleId: string }) => {
  const { rows } = await campaign.db.pool.query<{
    status: string;
    applied_version: number;
    next_run_at: Date | null;
  }>('select status, applied_version, next_run_at from schedule where id = $1', [scheduleId]);
  return rows[0];
};

const setStatus = (ref: OccurrenceRef, status: string) =>
  campaign.db.pool.query('update schedule set status = $2 where id = $1', [ref.scheduleId, status]);

describe('a schedule', () => {
  it('is taken up at its version, fires at the earliest instant of any zone, and runs from then on', async () => {
    const ref = await campaign.open({});
    expect(await scheduleRow(ref)).toEqual({ status: 'running', applied_version: 1, next_run_at: null });
    const opensAt = NINE - 14 * 3_600_000;
    expect(await campaign.activities.readSchedule(ref)).toEqual({
      kind: 'fire',
      priority: 3,
      version: 1,
      nominal: '2026-12-01T09:00:00',
      opensAt,
      wakeAt: opensAt - openingLead(ref.scheduleId),
      open: { occurrenceId: ref.occurrenceId, nominal: '2026-12-01T09:00:00', priority: 3 },
    });
  });

  it('opens its occurrence once, however often it is asked', async () => {
    const ref = await campaign.open({});
    const again = await campaign.activities.openOccurrence({
      ...ref,
      version: 1,
      nominal: '2026-12-01T09:00:00',
    });
    expect(again).toEqual({ tenantId: 1, scheduleId: ref.scheduleId, occurrenceId: ref.occurrenceId });
  });

  it('is known by its instant when it was given one', async () => {
    const at = '2026-12-01T09:00:00.000Z';
    const timing = {
      kind: 'once-fixed',
      at,
      runAt: null,
      delay: 'PT1H',
      timeZone: null,
      gap: 'forward',
      overlap: 'first',
    } as const;
    const ref = await campaign.open({ timing });
    expect(await campaign.activities.readSchedule(ref)).toMatchObject({ nominal: at, opensAt: NINE });
    const inBerlin = await campaign.open({
      timing: { ...timing, runAt: '2026-12-01T10:00:00', delay: null, timeZone: 'Europe/Berlin' },
    });
    expect(await campaign.activities.readSchedule(inBerlin)).toMatchObject({
      nominal: '2026-12-01T10:00:00',
      opensAt: NINE,
    });
  });

  it('waits while it is a draft or paused, and ends when it is over or unknown', async () => {
    const ref = await campaign.open({});
    const open = { occurrenceId: ref.occurrenceId, nominal: '2026-12-01T09:00:00', priority: 3 };
    for (const status of ['draft', 'paused']) {
      await setStatus(ref, status);
      expect(await campaign.activities.readSchedule(ref)).toEqual({ kind: 'hold', version: 1, status, open });
    }
    // An occurrence that has begun is seen to its end: whoever was not sent to is recorded as cancelled.
    for (const status of ['cancelled', 'completed', 'failed']) {
      await setStatus(ref, status);
      expect(await campaign.activities.readSchedule(ref)).toEqual({ kind: 'end', status, open });
    }
    await campaign.activities.closeOccurrence(ref);
    await setStatus(ref, 'cancelled');
    expect(await campaign.activities.readSchedule(ref)).toEqual({ kind: 'end', status: 'cancelled' });
    await setStatus(ref, 'running');
    await campaign.db.pool.query('update schedule set archived_at = now() where id = $1', [ref.scheduleId]);
    expect(await campaign.activities.readSchedule(ref)).toEqual({ kind: 'end', status: 'running' });
    expect(await campaign.activities.readSchedule({ tenantId: 1, scheduleId: 'none' })).toEqual({
      kind: 'end',
      status: 'unknown',
    });
    expect(await campaign.activities.readSchedule({ ...ref, tenantId: 2 })).toEqual({
      kind: 'end',
      status: 'unknown',
    });
  });

  it('is completed by its end, unless it was cancelled or an occurrence is open', async () => {
    const done = await campaign.open({});
    expect(await campaign.activities.completeSchedule(done)).toEqual({ status: 'running' });
    await campaign.activities.closeOccurrence(done);
    expect(await campaign.activities.completeSchedule(done)).toEqual({ status: 'completed' });
    const cancelled = await campaign.open({});
    await campaign.cancel(cancelled);
    expect(await campaign.activities.completeSchedule(cancelled)).toEqual({ status: 'cancelled' });
    expect(await campaign.activities.completeSchedule({ tenantId: 1, scheduleId: 'none' })).toEqual({
      status: 'unknown',
    });
  });

  it('whose occurrence is over has nothing left to do for a workflow that was rebuilt', async () => {
    const ref = await campaign.open({});
    await campaign.activities.closeOccurrence(ref);
    expect(await campaign.activities.readSchedule(ref)).toEqual({ kind: 'end', status: 'completed' });
    expect(await scheduleRow(ref)).toMatchObject({ status: 'completed' });
  });

  it.each([
    ['changed', 'version = 2'],
    ['paused', `status = 'paused'`],
    ['cancelled', `status = 'cancelled'`],
  ])('that was %s since it was read opens nothing: it is read again', async (_what, change) => {
    const { tenantId, scheduleId } = await campaign.open({});
    const read = { tenantId, scheduleId, version: 1, nominal: '2026-12-02T09:00:00' };
    await campaign.db.pool.query(`update schedule set ${change} where id = $1`, [scheduleId]);
    expect(await campaign.activities.openOccurrence(read)).toBeNull();
    const { rowCount } = await campaign.db.pool.query('select 1 from occurrence where schedule_id = $1', [
      scheduleId,
    ]);
    expect(rowCount).toBe(1);
  });

  it('that does not exist opens nothing, and its occurrence is not asked for again', async () => {
    const unknown = { tenantId: 1, scheduleId: 'none', version: 1, nominal: '2026-12-01T09:00:00' };
    expect(await campaign.activities.openOccurrence(unknown)).toBeNull();
    await expect(
      campaign.activities.planOccurrence({ tenantId: 1, scheduleId: 'none', occurrenceId: '999999' }),
    ).rejects.toMatchObject({ nonRetryable: true, type: 'OccurrenceUnknown' });
  });
});

describe('planning', () => {
  it('groups people by their instant, earliest first, named after the zone with most of them', async () => {
    await seedPeople(campaign.db, campaignKeyRing, 1, [
      { id: 'a', timeZone: 'Asia/Tokyo' },
      { id: 'b', timeZone: 'Asia/Seoul' },
      { id: 'c', timeZone: 'Asia/Seoul' },
      { id: 'd', timeZone: 'America/New_York' },
      { id: 'e' },
    ]);
    const ref = await campaign.open({ audience: { kind: 'recipients', ids: ['a', 'b', 'c', 'd', 'e'] } });
    const armed = (at: number) => ({ at, armAt: at - armingLead(ref.occurrenceId) });
    expect(await campaign.activities.planOccurrence(ref)).toEqual({
      kind: 'deliver',
      priority: 3,
      version: 1,
      waves: [
        { ...armed(NINE - 9 * 3_600_000), people: 3, zones: 2, zone: 'Asia/Seoul' },
        { ...armed(NINE), people: 1, zones: 1, zone: 'UTC' },
        { ...armed(NINE + 5 * 3_600_000), people: 1, zones: 1, zone: 'America/New_York' },
      ],
    });
    expect((await campaign.pages(ref, NINE)).map(({ people }) => people)).toEqual([4]);
    await campaign.activities.closeOccurrence(ref);
    expect(await campaign.activities.planOccurrence(ref)).toEqual({
      kind: 'deliver',
      version: 1,
      priority: 3,
      waves: [],
    });
  });

  it('cuts pages of a thousand that hold everybody once', async () => {
    await seedPeople(
      campaign.db,
      campaignKeyRing,
      1,
      Array.from({ length: 2_500 }, (_, index) => ({ id: `many${index}`, attributes: { many: true } })),
    );
    const many: ResolvedAudience = { kind: 'attribute', attribute: 'many', op: 'equals', value: true };
    const ref = await campaign.open({ audience: many });
    const pages = await campaign.pages(ref, NINE);
    expect(pages.map(({ people }) => people)).toEqual([1_000, 1_000, 500]);
    const record = await readOccurrence(campaign.db, ref.tenantId, ref.occurrenceId);
    if (!record) throw new Error('There is no occurrence.');
    const due = {
      ...record,
      tenantId: ref.tenantId,
      condition: many,
      existedBy: { openedAt: record.openedAt, zones: [], instants: [] },
      zonesNotDue: [],
    };
    expect(await cutIntoPages(campaign.db, due, NINE, 1_000, 2)).toEqual(pages.slice(0, 2));
    expect(pages.slice(1).map(({ after }) => BigInt(after))).toEqual(
      pages.slice(0, -1).map(({ upTo }) => BigInt(upTo)),
    );
  });

  it('lets people of a zone that the data lost follow the tenant, and says so in their row', async () => {
    await seedPeople(campaign.db, campaignKeyRing, 1, [
      { id: 'lost', timeZone: 'Atlantis/Capital', email: 'a@example.test' },
    ]);
    const ref = await campaign.open({ ...plainConfig, audience: { kind: 'recipients', ids: ['lost'] } });
    expect(await campaign.activities.planOccurrence(ref)).toMatchObject({ waves: [{ at: NINE, people: 1 }] });
    const [range] = await campaign.pages(ref, NINE);
    await campaign.activities.deliverPage({
      ...ref,
      at: NINE,
      range: range ?? { after: '0', upTo: '0', people: 0 },
    });
    expect(await campaign.rows(ref)).toMatchObject([{ state: 'sent', zone: 'UTC' }]);
  });
});
