import { calledProvider, CHANNEL_CODES, channelOfCode, storedProvider } from '../domain/delivery/channel';
import { REASON_CODES, reasonOfCode, stateOfCode } from '../domain/delivery/state';
import { impliedResult, isCall, STEP_CODES, stepResultOfCode } from '../domain/delivery/step';
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

/** The steps of a row `d` of an occurrence `o`, oldest first, for `trailOf`. Served by the primary key. */
export const STEPS_OF_ROW = `(select json_agg(json_build_array(a.channel, a.provider, a.at, a.result, a.reason) order by a.seq)
               from attempt a
              where a.day = o.day and a.occurrence_id = o.id and a.step = d.step and a.rid = d.rid)`;

export type StepsOfRow =
  | readonly [
      channel: number | null,
      provider: string | null,
      at: string,
      result: number,
      reason: number | null,
    ][]
  | null;

/** What an outcome says by itself of the only step that led to it. */
interface RowOfSteps {
  readonly state: number;
  readonly reason: number | null;
  readonly channel: number | null;
  readonly provider: string | null;
  readonly attempts: number;
  readonly settled_at: Date | null;
  readonly steps: StepsOfRow;
}

/** What was tried for somebody, oldest first; of rows from before steps were kept only what the row tells. */
export function trailOf(row: RowOfSteps): Step[] {
  if (row.steps !== null) {
    return row.steps.map(([channel, provider, at, result, reason]) =>
      shown(stepOf({ channel, provider, at: new Date(at), result, reason })),
    );
  }
  const { state, reason, channel, provider, settled_at: at } = row;
  const result = impliedResult(stateOfCode(state), reason === null ? null : reasonOfCode(reason));
  if (row.attempts !== 1 || channel === null || at === null || result === null) return [];
  return [shown(stepOf({ channel, provider, at, result: STEP_CODES[result], reason }))];
}

/** With the label of whoever comes first, where the ledger leaves that out. */
function shown(step: Step): Step {
  const provider = calledProvider(step.channel, step.provider, isCall(step) ? 1 : 0);
  return { ...step, provider };
}

interface StepRow {
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
  const { rows } = await db.pool.query<StepRow & { rid: string }>(
    `select rid, channel, provider, at, result, reason
       from attempt
      where day = $1::date and occurrence_id = $2::bigint and step = $3::text and rid = any ($4::bigint[])
      order by rid, seq`,
    [key.day, key.occurrenceId, key.step, rids],
  );
  for (const row of rows) trails.set(row.rid, [...(trails.get(row.rid) ?? []), stepOf(row)]);
  return trails;
}

function stepOf({ channel, provider, at, result, reason }: StepRow): Step {
  return {
    channel: channel === null ? null : channelOfCode(channel),
    provider,
    at: at.getTime(),
    result: stepResultOfCode(result),
    reason: reason === null ? null : reasonOfCode(reason),
  };
}
