import type { Instant } from '../domain/time/instant';
import type { Database } from './database';
import type { Command } from './outbox';

/** A schedule of any tenant that may have nothing alive behind it. */
export interface Suspect extends Command {
  /** Identity of its open occurrence, when that is what may be without a workflow. */
  readonly nominal: string | null;
  readonly revivedAt: Instant | null;
  /** How often its workflows had failed when it was last revived. */
  readonly failures: number;
}

/** An open occurrence among them, by its row id. */
export interface OpenSuspect extends Suspect {
  readonly occurrenceId: string;
}

interface SuspectRow {
  tenantId: number;
  scheduleId: string;
  version: number;
  nominal: string | null;
  revivedAt: Date | null;
  failures: number;
}

const SUSPECT = `s.tenant_id as "tenantId", s.id as "scheduleId", s.version, s.revived_at as "revivedAt", s.failures`;

/** A minute after a revival the next is worth a try; after each failure it takes twice as long. `$1` is now. */
const RESTED = `(s.revived_at is null or s.revived_at + interval '1 minute' * (1 << s.failures) <= $1)`;

/** Schedules whose next run should have begun before `before` and has not, soonest due first. */
export async function listOverdue(
  db: Database,
  now: Instant,
  before: Instant,
  limit: number,
): Promise<Suspect[]> {
  // Served by the partial index schedule_next_run.
  const { rows } = await db.pool.query<SuspectRow>(
    `select ${SUSPECT}, null as nominal
       from schedule s
      where s.status in ('scheduled', 'running') and s.next_run_at < $2 and ${RESTED}
      order by s.next_run_at
      limit $3`,
    [new Date(now), new Date(before), limit],
  );
  return rows.map(suspectOf);
}

/** Schedules that run, though their last occurrence closed before `before` and none is to come. */
export async function listUnfinished(
  db: Database,
  now: Instant,
  before: Instant,
  limit: number,
): Promise<Suspect[]> {
  // Served by the partial index schedule_next_run, and by occurrence_schedule_id_nominal_key for each.
  const { rows } = await db.pool.query<SuspectRow>(
    `select ${SUSPECT}, null as nominal
       from schedule s
      where s.status in ('scheduled', 'running') and s.next_run_at is null and ${RESTED}
        and not exists (select 1
                          from occurrence o
                         where o.schedule_id = s.id and (o.state = 'open' or o.closed_at >= $2))
      limit $3`,
    [new Date(now), new Date(before), limit],
  );
  return rows.map(suspectOf);
}

/** Open occurrences behind the row `after` that opened before `before`, however their schedules stand. */
export async function listOpen(
  db: Database,
  now: Instant,
  before: Instant,
  after: string,
  limit: number,
): Promise<OpenSuspect[]> {
  // Served by the partial index occurrence_open.
  const { rows } = await db.pool.query<SuspectRow & { occurrenceId: string }>(
    `select ${SUSPECT}, o.nominal, o.id as "occurrenceId"
       from occurrence o
       join schedule s on s.id = o.schedule_id
      where o.state = 'open' and o.id > $3 and o.opened_at < $2 and ${RESTED}
      order by o.id
      limit $4`,
    [new Date(now), new Date(before), after, limit],
  );
  return rows.map((row) => ({ ...suspectOf(row), occurrenceId: row.occurrenceId }));
}

/** Notes a revival before it is tried, so that one that does not help is not tried again at once. */
export async function noteRevival(
  db: Database,
  scheduleId: string,
  failures: number,
  now: Instant,
): Promise<void> {
  await db.pool.query('update schedule set revived_at = $2, failures = $3 where id = $1', [
    scheduleId,
    new Date(now),
    failures,
  ]);
}

function suspectOf({ tenantId, scheduleId, version, nominal, revivedAt, failures }: SuspectRow): Suspect {
  return { tenantId, scheduleId, version, nominal, revivedAt: revivedAt?.getTime() ?? null, failures };
}
