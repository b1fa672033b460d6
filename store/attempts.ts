import { CHANNEL_CODES, channelOfCode, storedProvider } from '../domain/delivery/channel';
import { REASON_CODES, reasonOfCode } from '../domain/delivery/state';
import { STEP_CODES, stepResultOfCode } from '../domain/delivery/step';
import type { Step } from '../domain/delivery/step';
import type { Queries } from './database';
import type { LedgerKey } from './ledger-key';

/** What came of a person's message and is not written yet, oldest first. */
export interface StepsOfPerson {
  readonly rid: string;
  readonly steps: readonly Step[];
}

/** The columns of steps, as parameters of `noteSteps`; null when there are none, so that nobody pays for it. */
export function stepColumns(people: readonly StepsOfPerson[]): unknown[] | null {
  const steps = people.flatMap((one) =>
    one.steps.map((step, index) => ({ ...step, rid: one.rid, seq: index + 1 })),
  );
  if (steps.length === 0) return null;
  return [
    steps.map(({ rid }) => rid),
    steps.map(({ seq }) => seq),
    steps.map(({ channel }) => (channel === null ? null : CHANNEL_CODES[channel])),
    steps.map(({ channel, provider }) => (channel === null ? provider : storedProvider(channel, provider))),
    steps.map(({ at }) => new Date(at).toISOString()),
    steps.map(({ result }) => STEP_CODES[result]),
    steps.map(({ reason }) => (reason === null ? null : REASON_CODES[reason])),
  ];
}

/**
 * Writes steps of those among the rows of a common table expression, behind the steps that they have. Day, occurrence
 * and step are parameters 1 to 3, the columns of `stepColumns` those from `first` on.
 */
export function noteSteps(rows: string, first: number): string {
  const [rid, seq, channel, provider, at, result, reason] = Array.from(
    { length: 7 },
    (_, n) => `$${first + n}`,
  );
  return `insert into attempt (day, occurrence_id, step, rid, seq, channel, provider, at, result, reason)
       select $1::date, $2::bigint, $3::text, s.rid, ${stepsBefore('s.rid')} + s.seq, s.channel, s.provider, s.at, s.result,
              s.reason
         from unnest(${rid}::bigint[], ${seq}::smallint[], ${channel}::smallint[], ${provider}::text[],
                     ${at}::timestamptz[], ${result}::smallint[], ${reason}::smallint[])
              as s (rid, seq, channel, provider, at, result, reason)
        where s.rid in (select rid from ${rows})`;
}

/** How many steps a person of a delivery has; nobody but the owner of its claim adds any. Served by the primary key. */
export function stepsBefore(rid: string): string {
  return `coalesce((select max(a.seq)
                           from attempt a
                          where a.day = $1::date and a.occurrence_id = $2::bigint and a.step = $3::text
                            and a.rid = ${rid}), 0)`;
}

export interface StepRow {
  rid: string;
  channel: number | null;
  provider: string | null;
  at: Date;
  result: number;
  reason: number | null;
}

/** The steps of people by rid, oldest first; who has none is missing. */
export async function readTrails(
  db: Queries,
  key: LedgerKey,
  rids: readonly string[],
): Promise<ReadonlyMap<string, Step[]>> {
  const trails = new Map<string, Step[]>();
  if (rids.length === 0) return trails;
  // Served by the primary key.
  const { rows } = await db.pool.query<StepRow>(
    `select rid, channel, provider, at, result, reason
       from attempt
      where day = $1::date and occurrence_id = $2::bigint and step = $3::text and rid = any ($4::bigint[])
      order by rid, seq`,
    [key.day, key.occurrenceId, key.step, rids],
  );
  for (const row of rows) trails.set(row.rid, [...(trails.get(row.rid) ?? []), stepOf(row)]);
  return trails;
}

/** A row of `attempt` as a step. */
export function stepOf({ channel, provider, at, result, reason }: StepRow): Step {
  return {
    channel: channel === null ? null : channelOfCode(channel),
    provider,
    at: at.getTime(),
    result: stepResultOfCode(result),
    reason: reason === null ? null : reasonOfCode(reason),
  };
}
