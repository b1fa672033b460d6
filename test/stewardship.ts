import type { Liveness } from '../commands/liveness';
import { createStewardActivities } from '../activities/steward';
import type { StewardActivities } from '../activities/contract';
import type { Instant } from '../domain/time/instant';
import { createStewardMetrics } from '../platform/steward-metrics';
import { openDatabase } from '../store/database';
import type { Database } from '../store/database';
import type { Command } from '../store/outbox';
import { createSchedule } from '../store/schedules';
import { Registry } from 'prom-client';
import { plainConfig } from './campaign';
import { freshDatabase } from './database';

export const NOON = Date.parse('2026-11-20T12:00:00Z');

/** The duties of the stewards over a real database, and a Temporal that answers as told. */
export interface Stewardship {
  readonly db: Database;
  readonly duties: StewardActivities;
  /** `passes` is how much time every look at the clock takes. */
  readonly clock: { now: Instant; passes: number };
  /** Schedules that were told to look, in order. */
  readonly told: string[];
  /** By workflow id; what is not in here is gone. */
  readonly living: Map<string, Liveness>;
  /** What `tell` answers for a schedule; told unless a test says otherwise. */
  answer: (command: Command) => 'told' | 'failed';
  readonly log: { level: string; fields: Record<string, unknown>; message: string }[];
  readonly registry: Registry;
  /** Writes a schedule as the API would, with its command done, due at `nextRunAt`. */
  schedule(id: string, row?: Partial<ScheduleRow>): Promise<void>;
  /** Opens an occurrence of it as its workflow would have done. */
  occurrence(scheduleId: string, openedAt: Instant, closedAt?: Instant): Promise<string>;
  rowOf(scheduleId: string): Promise<ScheduleRow & { revivedAt: Date | null; failures: number }>;
  reset(): Promise<void>;
  close(): Promise<void>;
}

interface ScheduleRow {
  status: string;
  nextRunAt: Date | null;
}

export async function openStewardship(): Promise<Stewardship> {
  const fresh = await freshDatabase();
  const db = openDatabase(fresh.url, { maxConnections: 5 });
  const registry = new Registry();
  const clock = { now: NOON, passes: 0 };
  const told: string[] = [];
  const living = new Map<string, Liveness>();
  const log: Stewardship['log'] = [];
  const note =
    (level: string) =>
    (fields: Record<string, unknown>, message: string): void => {
      log.push({ level, fields, message });
    };

  const stewardship: Stewardship = {
    db,
    duties: createStewardActivities({
      db,
      tell: (command) => {
        const outcome = stewardship.answer(command);
        if (outcome === 'told') told.push(command.scheduleId);
        return Promise.resolve(outcome);
      },
      askLiveness: (workflowId) => Promise.resolve(living.get(workflowId) ?? 'gone'),
      clock: () => (clock.now += clock.passes),
      logger: Object.assign(Object.create(null), {
        info: note('info'),
        warn: note('warn'),
        error: note('error'),
      }),
      metrics: createStewardMetrics(registry),
      ledgerDays: 30,
    }),
    clock,
    told,
    living,
    answer: () => 'told',
    log,
    registry,
    async schedule(id, { status = 'scheduled', nextRunAt = null } = {}) {
      const at = new Date(clock.now);
      await createSchedule(db, 1, { id, config: plainConfig, nextRunAt: at, createdBy: 'test' }, at);
      await db.pool.query('update schedule set status = $2, next_run_at = $3 where id = $1', [
        id,
        status,
        nextRunAt,
      ]);
      await db.pool.query('update outbox set done_at = $2 where schedule_id = $1', [id, at]);
    },
    async occurrence(scheduleId, openedAt, closedAt) {
      const { rows } = await db.pool.query<{ id: string }>(
        `insert into occurrence (tenant_id, schedule_id, version, nominal, day, state, opened_at, closed_at)
         values (1, $1, 1, '2026-12-01T09:00:00', '2026-12-01', $2, $3, $4)
         returning id`,
        [
          scheduleId,
          closedAt === undefined ? 'open' : 'completed',
          new Date(openedAt),
          closedAt === undefined ? null : new Date(closedAt),
        ],
      );
      return rows[0]?.id ?? '';
    },
    async rowOf(scheduleId) {
      const { rows } = await db.pool.query<ScheduleRow & { revivedAt: Date | null; failures: number }>(
        `select status, next_run_at as "nextRunAt", revived_at as "revivedAt", failures
           from schedule where id = $1`,
        [scheduleId],
      );
      const [row] = rows;
      if (!row) throw new Error(`There is no schedule ${scheduleId}.`);
      return row;
    },
    async reset() {
      clock.now = NOON;
      clock.passes = 0;
      told.length = 0;
      log.length = 0;
      living.clear();
      stewardship.answer = () => 'told';
      registry.resetMetrics();
      await db.pool.query(
        'truncate schedule, schedule_version, occurrence, outbox, counter, outcome_total, delivery, steward_mark',
      );
    },
    async close() {
      await db.close();
      await fresh.drop();
    },
  };
  return stewardship;
}
