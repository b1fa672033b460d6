import { randomBytes, randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createActivities } from '../../activities';
import { ADJUSTED_CODES } from '../../domain/delivery/state';
import type { ScheduleConfig } from '../../domain/schedule/config';
import { DAY, HOUR, MINUTE, SECOND } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { formatWallTime, wallTimeFromSeconds } from '../../domain/time/wall-time';
import type { WallTime } from '../../domain/time/wall-time';
import type { Zones } from '../../domain/time/zones';
import { createKeyRing } from '../../platform/crypto';
import { createLogger } from '../../platform/logger';
import { createWorkerMetrics } from '../../platform/metrics';
import type { RedisClient } from '../../platform/redis';
import { loadZones } from '../../platform/zones';
import { openDatabase } from '../../store/database';
import type { Database } from '../../store/database';
import { WORKFLOW, scheduleWorkflowId } from '../../workflows/contract';
import { freshDatabase } from '../database';
import type { FreshDatabase } from '../database';
import { seedPeople } from '../people';
import type { SeedPerson } from '../people';
import { connectedRedis, placesOver } from '../places';
import { stack } from '../stack';
import { freeClock, timeSkippingEnvironment } from '../time-skipping';
import { ledgerRows } from './ledger-rows';
import { mailboxChannel } from './mailbox-channel';
import type { MailboxChannel } from './mailbox-channel';
import { DEFAULT_TENANT, onceAt, writeSchedule } from './once-schedule';
import { skippingClock } from './skipping-clock';
import type { SkippingClock } from './skipping-clock';
import { testWorker } from './workflow-bundle';

/** From the first place on Earth to reach a wall time to the last: 26 hours. */
const TEN_ZONES = [
  'Pacific/Kiritimati',
  'Pacific/Chatham',
  'Australia/Lord_Howe',
  'Asia/Tokyo',
  'Asia/Kathmandu',
  'Africa/Casablanca',
  'Europe/Dublin',
  'America/St_Johns',
  'America/Los_Angeles',
  'Etc/GMT+12',
];

const zones = loadZones();
const keyRing = createKeyRing([{ id: 'k1', key: randomBytes(32) }]);

let env: TestWorkflowEnvironment;
let redis: RedisClient;
let fresh: FreshDatabase;
let db: Database;
let clock: SkippingClock;
let mailbox: MailboxChannel;

beforeAll(async () => {
  [env, redis] = await Promise.all([timeSkippingEnvironment(), connectedRedis(stack().redis)]);
});

afterEach(() => freeClock(env));
afterAll(async () => {
  redis.disconnect();
  await env.teardown();
});

beforeEach(async () => {
  fresh = await freshDatabase();
  db = openDatabase(fresh.url);
  clock = await skippingClock(env);
  mailbox = mailboxChannel(clock.now);
});

afterEach(async () => {
  await db.close();
  await fresh.drop();
});

const seed = (people: SeedPerson[]): Promise<string[]> => seedPeople(db, keyRing, DEFAULT_TENANT, people);

const person = (id: string, timeZone: string): SeedPerson => ({ id, email: `${id}@example.com`, timeZone });

/** Runs a schedule to its end with the real activities and returns its id. */
async function run(config: ScheduleConfig): Promise<string> {
  const scheduleId = await writeSchedule(db, config);
  const worker = await testWorker({
    connection: env.nativeConnection,
    taskQueue: randomUUID(),
    activities: clock.around(
      createActivities({
        db,
        zones,
        keyRing,
        places: placesOver(db, redis, clock.now),
        channels: new Map([['email', [mailbox]]]),
        clock: clock.now,
        random: Math.random,
        sleep: clock.sleep,
        metrics: createWorkerMetrics(),
        logger: createLogger('test', 'silent'),
      }),
    ),
  });
  await worker.runUntil(async () => {
    const end = await env.client.workflow.execute(WORKFLOW.schedule, {
      workflowId: scheduleWorkflowId(scheduleId),
      taskQueue: worker.options.taskQueue,
      args: [{ tenantId: DEFAULT_TENANT, scheduleId }],
    });
    expect(end).toEqual({ status: 'completed' });
  });
  return scheduleId;
}

/** Nine o'clock, two days from the environment's today: ahead of every zone. */
function soonAtNine(): WallTime {
  const day = Math.floor(clock.now() / DAY) + 2;
  return wallTimeFromSeconds((day * DAY + 9 * HOUR) / SECOND);
}

const instantIn = (zone: string, wall: WallTime): Instant =>
  zones.instantOf(zone, wall, { gap: 'forward', overlap: 'first' }).at;

type Transition = ReturnType<Zones['transitions']>[number];

/** The zone's next change of the kind, at least two days ahead. */
function nextChange(zone: string, kind: 'gap' | 'overlap'): Transition {
  const from = clock.now() + 2 * DAY;
  const change = zones
    .transitions(zone, from, from + 400 * DAY)
    .find(({ offsetBefore, offsetAfter }) => offsetAfter > offsetBefore === (kind === 'gap'));
  if (change === undefined) throw new Error(`${zone} has no ${kind} within a year`);
  return change;
}

/** What a clock that stays on one of the change's offsets shows half an hour after it. */
function halfPast(change: Transition, offset: 'offsetBefore' | 'offsetAfter'): WallTime {
  return wallTimeFromSeconds((change.at + 30 * MINUTE) / SECOND + change[offset]);
}

async function move(id: string, zone: string): Promise<void> {
  await db.pool.query('update recipient set time_zone = $2, zone = $2 where external_id = $1', [id, zone]);
}

describe('a once schedule at one wall time', () => {
  it('reaches 50 people in 10 zones, each zone at its own instant, over 26 hours', async () => {
    const wall = soonAtNine();
    await seed(
      Array.from({ length: 50 }, (_, n) => person(`p${n}`, TEN_ZONES[n % TEN_ZONES.length] ?? 'UTC')),
    );
    const rows = await ledgerRows(db, await run(onceAt(formatWallTime(wall))));

    expect(rows).toHaveLength(50);
    expect(new Set(rows.map((row) => row.id)).size).toBe(50);
    for (const row of rows) {
      expect(row).toMatchObject({ state: 'sent', due: instantIn(row.zone, wall) });
      expect(row.settledAt).toBeGreaterThanOrEqual(row.due);
      expect(row.settledAt).toBeLessThan(row.due + MINUTE);
    }
    expect((rows.at(-1)?.due ?? 0) - (rows[0]?.due ?? 0)).toBe(26 * HOUR);
    expect(new Set(mailbox.mails.map((mail) => mail.address)).size).toBe(50);
    expect(mailbox.mails).toHaveLength(50);
  });

  it('moves a wall time that does not exist behind the gap, and leaves the other zones alone', async () => {
    const wall = halfPast(nextChange('America/New_York', 'gap'), 'offsetBefore');
    await seed([person('gap', 'America/New_York'), person('plain', 'Europe/London')]);
    const rows = await ledgerRows(db, await run(onceAt(formatWallTime(wall))));

    expect(rows).toMatchObject([
      { id: 'plain', state: 'sent', adjusted: null, due: instantIn('Europe/London', wall) },
      { id: 'gap', state: 'sent', adjusted: ADJUSTED_CODES.gap },
    ]);
    const gap = rows[1]?.due ?? 0;
    expect(formatWallTime(zones.wallTimeAt('America/New_York', gap)).slice(11)).toBe('03:30:00');
  });

  it('records people whose wall time a gap swallows as skipped when the policy says so', async () => {
    const runAt = formatWallTime(halfPast(nextChange('America/New_York', 'gap'), 'offsetBefore'));
    const timing = { kind: 'once-local', runAt, gap: 'skip', overlap: 'first', timeZone: null } as const;
    await seed([person('gap', 'America/New_York'), person('plain', 'Europe/London')]);
    const rows = await ledgerRows(db, await run(onceAt(runAt, { timing })));

    expect(rows.map(({ id, state }) => [id, state])).toEqual([
      ['plain', 'sent'],
      ['gap', 'skipped'],
    ]);
    expect(mailbox.mails).toHaveLength(1);
  });

  it.each(['first', 'second'] as const)(
    'takes the %s of two passes when the policy says so',
    async (overlap) => {
      const change = nextChange('America/New_York', 'overlap');
      const runAt = formatWallTime(halfPast(change, 'offsetAfter'));
      const timing = { kind: 'once-local', runAt, gap: 'forward', overlap, timeZone: null } as const;
      await seed([person('twice', 'America/New_York')]);
      const rows = await ledgerRows(db, await run(onceAt(runAt, { timing })));

      const due = change.at + (overlap === 'first' ? -30 : 30) * MINUTE;
      expect(rows).toMatchObject([{ state: 'sent', adjusted: ADJUSTED_CODES.overlap, due }]);
      expect(mailbox.mails).toHaveLength(1);
    },
  );

  it('finds who was created during the occurrence, and answers once for who changed zone', async () => {
    const wall = soonAtNine();
    await seed([
      person('tokyo', 'Asia/Tokyo'),
      person('dublin', 'Europe/Dublin'),
      person('from-tokyo', 'Asia/Tokyo'),
      person('from-dublin', 'Europe/Dublin'),
    ]);
    mailbox.onSend = async ({ address }) => {
      if (address !== 'tokyo@example.com') return;
      const createdAt = new Date(instantIn('Asia/Tokyo', wall) - SECOND);
      await seed([
        { ...person('new-in-tokyo', 'Asia/Tokyo'), createdAt },
        { ...person('new-in-kathmandu', 'Asia/Kathmandu'), createdAt },
      ]);
    };
    mailbox.onSent = async ({ address }) => {
      if (address === 'from-tokyo@example.com') await move('from-tokyo', 'America/Los_Angeles');
      if (address === 'new-in-kathmandu@example.com') await move('from-dublin', 'America/St_Johns');
    };
    const rows = await ledgerRows(db, await run(onceAt(formatWallTime(wall))));

    expect(rows.map(({ id, state, zone }) => [id, state, zone])).toEqual([
      ['tokyo', 'sent', 'Asia/Tokyo'],
      ['from-tokyo', 'sent', 'Asia/Tokyo'],
      ['new-in-tokyo', 'sent', 'Asia/Tokyo'],
      ['new-in-kathmandu', 'sent', 'Asia/Kathmandu'],
      ['dublin', 'sent', 'Europe/Dublin'],
      ['from-dublin', 'sent', 'America/St_Johns'],
    ]);
    expect(mailbox.mails).toHaveLength(6);
  });

  it('leaves nobody out who moved to a zone whose instant has passed: late decides', async () => {
    const wall = soonAtNine();
    await seed([person('tokyo', 'Asia/Tokyo'), person('moves', 'America/Los_Angeles')]);
    mailbox.onSent = () => move('moves', 'Pacific/Kiritimati');
    const rows = await ledgerRows(db, await run(onceAt(formatWallTime(wall))));

    expect(rows.map(({ id, state }) => [id, state])).toEqual([
      ['moves', 'expired'],
      ['tokyo', 'sent'],
    ]);
  });

  it('waits for zones without audience: who comes to live there before their instant gets it at that instant', async () => {
    const wall = soonAtNine();
    await seed([person('kiritimati', 'Pacific/Kiritimati')]);
    mailbox.onSend = async () => {
      const createdAt = new Date(instantIn('Pacific/Kiritimati', wall) + MINUTE);
      mailbox.onSend = () => Promise.resolve();
      await seed([{ ...person('newcomer', 'America/Los_Angeles'), createdAt }]);
    };
    const rows = await ledgerRows(db, await run(onceAt(formatWallTime(wall))));

    expect(rows.map(({ id, state }) => [id, state])).toEqual([
      ['kiritimati', 'sent'],
      ['newcomer', 'sent'],
    ]);
    expect(mailbox.mails[1]?.at).toBeGreaterThanOrEqual(instantIn('America/Los_Angeles', wall));
  });

  it('leaves out who was created after their own instant: they are not considered', async () => {
    const wall = soonAtNine();
    await seed([person('tokyo', 'Asia/Tokyo'), person('dublin', 'Europe/Dublin')]);
    mailbox.onSend = async () => {
      const createdAt = new Date(instantIn('Asia/Tokyo', wall) + MINUTE);
      mailbox.onSend = () => Promise.resolve();
      await seed([{ ...person('too-late', 'Asia/Tokyo'), createdAt }]);
    };
    const rows = await ledgerRows(db, await run(onceAt(formatWallTime(wall))));

    expect(rows.map(({ id, state }) => [id, state])).toEqual([
      ['tokyo', 'sent'],
      ['dublin', 'sent'],
    ]);
  });
});
