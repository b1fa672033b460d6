import { CHANNEL_CODES, storedProvider } from '../../domain/delivery/channel';
import { REASON_CODES } from '../../domain/delivery/state';
import { STEP_CODES } from '../../domain/delivery/step';
import type { Step } from '../../domain/delivery/step';
import { messageDay, messageStep } from '../../domain/messages/message-id';
import { stepOf } from '../attempts';
import type { StepRow } from '../attempts';
import type { Queries } from '../database';
import { timestamp } from '../ledger';

/** What came of a message and is not written yet, oldest first. */
export interface StepsOfMessage {
  /** UUID. */
  readonly id: string;
  readonly steps: readonly Step[];
}

/** The columns of steps, as parameters of `noteMessageSteps`; null when there are none, so that nobody pays for it. */
export function messageStepColumns(messages: readonly StepsOfMessage[]): unknown[] | null {
  const steps = messages.flatMap(({ id, steps: taken }) =>
    taken.map((step, index) => ({ ...step, id, seq: index + 1 })),
  );
  if (steps.length === 0) return null;
  return [
    steps.map(({ id }) => id),
    steps.map(({ id }) => messageDay(id)),
    steps.map(({ id }) => messageStep(id)),
    steps.map(({ seq }) => seq),
    steps.map(({ channel }) => (channel === null ? null : CHANNEL_CODES[channel])),
    steps.map(({ channel, provider }) => (channel === null ? provider : storedProvider(channel, provider))),
    steps.map(({ at }) => timestamp(at)),
    steps.map(({ result }) => STEP_CODES[result]),
    steps.map(({ reason }) => (reason === null ? null : REASON_CODES[reason])),
  ];
}

/**
 * Writes steps of those messages among the rows (id, rid, container_id) of a common table expression, behind the steps
 * that they have. The columns of `messageStepColumns` are the parameters from `first` on.
 */
export function noteMessageSteps(rows: string, first: number): string {
  const [id, day, step, seq, channel, provider, at, result, reason] = Array.from(
    { length: 9 },
    (_, n) => `$${first + n}`,
  );
  return `insert into attempt (day, occurrence_id, step, rid, seq, channel, provider, at, result, reason)
       select s.day, r.container_id, s.step, r.rid, ${messageStepsBefore('s.day', 'r', 's.step')} + s.seq, s.channel,
              s.provider, s.at, s.result, s.reason
         from unnest(${id}::uuid[], ${day}::date[], ${step}::text[], ${seq}::smallint[], ${channel}::smallint[],
                     ${provider}::text[], ${at}::timestamptz[], ${result}::smallint[], ${reason}::smallint[])
              as s (id, day, step, seq, channel, provider, at, result, reason)
         join ${rows} r on r.id = s.id`;
}

/** How many steps a message has; nobody but the owner of its claim adds any. Served by the primary key. */
export function messageStepsBefore(day: string, row: string, step: string): string {
  return `coalesce((select max(a.seq)
                           from attempt a
                          where a.day = ${day} and a.occurrence_id = ${row}.container_id and a.step = ${step}
                            and a.rid = ${row}.rid), 0)`;
}

/** The steps of messages by id, oldest first; one that has none is missing. */
export async function readMessageTrails(
  db: Queries,
  messages: readonly { readonly id: string; readonly containerId: string; readonly rid: string }[],
): Promise<ReadonlyMap<string, Step[]>> {
  const trails = new Map<string, Step[]>();
  if (messages.length === 0) return trails;
  // Served by the primary key, of each day alone.
  const { rows } = await db.pool.query<StepRow & { id: string }>(
    `select m.id, a.rid, a.channel, a.provider, a.at, a.result, a.reason
       from unnest($1::uuid[], $2::date[], $3::bigint[], $4::text[], $5::bigint[])
            as m (id, day, container_id, step, rid)
       join attempt a on a.day = m.day and a.occurrence_id = m.container_id and a.step = m.step and a.rid = m.rid
      order by m.id, a.seq`,
    [
      messages.map(({ id }) => id),
      messages.map(({ id }) => messageDay(id)),
      messages.map(({ containerId }) => containerId),
      messages.map(({ id }) => messageStep(id)),
      messages.map(({ rid }) => rid),
    ],
  );
  for (const row of rows) trails.set(row.id, [...(trails.get(row.id) ?? []), stepOf(row)]);
  return trails;
}
