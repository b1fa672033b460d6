import { randomBytes } from 'node:crypto';
import { createActivities } from '../activities';
import type { ActivityDeps } from '../activities';
import type { Activities, OccurrenceRef, PageRange } from '../activities/contract';
import type { PageProgress, PageRun } from '../activities/page-run';
import type { Channel, OutgoingMessage, SendResult } from '../channels/channel';
import { byChannel } from '../channels/registry';
import type { ScheduleConfig } from '../domain/schedule/config';
import type { Instant } from '../domain/time/instant';
import { reasonOfCode, stateOfCode } from '../domain/delivery/state';
import { createKeyRing } from '../platform/crypto';
import { createWorkerMetrics } from '../platform/metrics';
import { loadZones } from '../platform/zones';
import { openDatabase } from '../store/database';
import type { Database } from '../store/database';
import { freshDatabase } from './database';
import { connectedRedis, placesOver } from './places';
import { stack } from './stack';

const campaignZones = loadZones();
export const campaignKey = { id: 'k1', key: randomBytes(32) };
export const campaignKeyRing = createKeyRing([campaignKey]);

/** A channel that answers as told and remembers what came. */
export interface ScriptedChannel extends Channel {
  readonly sent: OutgoingMessage[];
}

export function scriptedChannel(
  name: 'email' | 'noop',
  answer: (message: OutgoingMessage, attempt: number) => SendResult | Promise<SendResult>,
): ScriptedChannel {
  const sent: OutgoingMessage[] = [];
  return {
    name,
    provider: 'scripted',
    concurrency: 20,
    sent,
    async send(message) {
      sent.push(message);
      return answer(message, sent.filter(({ id }) => id === message.id).length);
    },
    close: () => Promise.resolve(),
  };
}

export interface Campaign {
  readonly db: Database;
  readonly tenantId: number;
  readonly activities: Activities;
  /** The clock of all activities; sleeping moves it on. */
  readonly clock: { now: Instant };
  readonly heartbeats: PageProgress[];
  readonly slept: number[];
  readonly metrics: ActivityDeps['metrics'];
  /** Another worker over the same database and clock, with a life of its own. */
  worker(own: Partial<ActivityDeps> & { run?: Partial<PageRun> }): Activities;
  /** Writes a schedule as the API would, and opens its occurrence. */
  open(config: Partial<ScheduleConfig>): Promise<OccurrenceRef>;
  cancel(ref: OccurrenceRef): Promise<void>;
  pages(ref: OccurrenceRef, at: Instant | null): Promise<PageRange[]>;
  /** Every ledger row by the customer's own id (by `#rid` once erased): `state` or `state/reason`. */
  outcomes(ref: OccurrenceRef): Promise<Record<string, string>>;
  rows(ref: OccurrenceRef): Promise<LedgerRow[]>;
  /** Forgets people, schedules and the ledger, and sets the clock back. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

interface LedgerRow {
  id: string;
  rid: string;
  state: string;
  reason: string | null;
  attempts: number;
  zone: string;
  locale: string | null;
  due: Date;
  settled_at: Date | null;
  owner: string | null;
  adjusted: number | null;
}

export const NINE = Date.parse('2026-12-01T09:00:00Z');

export const plainConfig: ScheduleConfig = {
  name: 'Test',
  channel: 'email',
  templateId: null,
  content: {
    contents: {
      email: { variants: { en: { subject: 'Hi {{first_name}}', body: 'Hello {{first_name}}' } } },
      noop: { variants: { en: { body: 'Hello' } } },
    },
    defaultLocale: 'en',
    requiredVariables: [],
  },
  data: {},
  category: 'marketing',
  tags: [],
  audience: { kind: 'everyone' },
  audienceQuery: {},
  timing: {
    kind: 'once-local',
    runAt: '2026-12-01T09:00:00',
    gap: 'forward',
    overlap: 'first',
    timeZone: null,
  },
  late: { policy: 'send', graceSeconds: 3_600 },
  expiresAfterMs: 86_400_000,
  expiresAfter: 'PT24H',
  draft: false,
};

/** A database of its own with the activities of one worker over it, under a clock that the test sets. */
export async function startCampaign(
  channel: Channel | readonly Channel[],
  own: Partial<ActivityDeps> = {},
): Promise<Campaign> {
  const fresh = await freshDatabase();
  const db = openDatabase(fresh.url);
  const clock = { now: NINE };
  const heartbeats: PageProgress[] = [];
  const slept: number[] = [];
  const metrics = createWorkerMetrics();
  const tenantId = 1;
  const redis = await connectedRedis(stack().redis);
  let schedules = 0;

  // Shared by all workers: while one process counts anew, the others would sleep, and sleeping only moves the clock here.
  const places = placesOver(db, redis, () => clock.now);

  const worker: Campaign['worker'] = ({ run, ...other }) =>
    createActivities({
      db,
      zones: campaignZones,
      channels: byChannel([channel].flat()),
      keyRing: campaignKeyRing,
      places,
      clock: () => clock.now,
      random: () => 0.5,
      sleep: async (ms) => {
        slept.push(ms);
        await new Promise((resolve) => setImmediate(resolve));
        clock.now += ms;
      },
      metrics,
      logger: {
        debug: () => undefined,
        isLevelEnabled: () => false,
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
      },
      pageRun: () => ({
        resumed: undefined,
        stop: new AbortController().signal,
        heartbeat: (progress) => heartbeats.push({ ...progress, counts: { ...progress.counts } }),
        stopped: () => new Error('stopped'),
        ...run,
      }),
      ...own,
      ...other,
    });
  const activities = worker({});

  const campaign: Campaign = {
    db,
    tenantId,
    activities,
    clock,
    heartbeats,
    slept,
    metrics,
    worker,
    async open(config) {
      const scheduleId = `s${(schedules += 1)}`;
      await db.pool.query(
        `insert into schedule (id, tenant_id, name, schedule_type, channel, tags, status, version, created_by)
         values ($1, $2, 'Test', 'once', 'email', '{}', 'scheduled', 1, 'test')`,
        [scheduleId, tenantId],
      );
      await db.pool.query(
        `insert into schedule_version (schedule_id, version, config, created_by) values ($1, 1, $2, 'test')`,
        [scheduleId, JSON.stringify({ ...plainConfig, ...config })],
      );
      const order = await activities.readSchedule({ tenantId, scheduleId });
      if (order.kind !== 'fire') throw new Error(`The schedule does not fire: ${JSON.stringify(order)}`);
      const opened = await activities.openOccurrence({ tenantId, scheduleId, ...order });
      if (!opened) throw new Error('The schedule changed meanwhile.');
      return opened;
    },
    async cancel({ scheduleId }) {
      await db.pool.query(`update schedule set status = 'cancelled' where id = $1`, [scheduleId]);
    },
    pages: (ref, at) => activities.cutPages({ ...ref, at }),
    async outcomes(ref) {
      const entries = (await campaign.rows(ref)).map(({ id, state, reason }) => [
        id,
        reason === null ? state : `${state}/${reason}`,
      ]);
      return Object.fromEntries(entries);
    },
    async rows({ occurrenceId }) {
      const { rows } = await db.pool.query<
        Omit<LedgerRow, 'state' | 'reason'> & { state: number; reason: number | null }
      >(
        `select coalesce(r.external_id, '#' || d.rid) as id, d.rid, d.state, d.reason, d.attempts, d.zone, d.locale,
                d.due, d.settled_at, d.owner, d.adjusted
           from delivery d join recipient r on r.rid = d.rid
          where d.occurrence_id = $1 order by d.rid`,
        [occurrenceId],
      );
      return rows.map((row) => ({
        ...row,
        state: stateOfCode(row.state),
        reason: row.reason === null ? null : reasonOfCode(row.reason),
      }));
    },
    async reset() {
      clock.now = NINE;
      heartbeats.length = 0;
      slept.length = 0;
      places.outdated(tenantId);
      metrics.registry.resetMetrics();
      await db.pool.query(
        'truncate recipient, recipient_key, schedule, schedule_version, occurrence, delivery, attempt, counter, outcome_total, provider_total, template, template_version, suppression, cap_epoch',
      );
    },
    async close() {
      redis.disconnect();
      await db.close();
      await fresh.drop();
    },
  };
  return campaign;
}
