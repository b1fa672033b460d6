import { stateOfCode } from '../domain/delivery/state';
import type { Instant } from '../domain/time/instant';
import type { OutcomeCounts } from './counters';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';

/** Where a span begins or ends: at a date of occurrences' own, or at an instant at which they opened. */
export type SpanEdge =
  { readonly kind: 'date'; readonly date: string } | { readonly kind: 'instant'; readonly at: Instant };

/** Which occurrences are summed; without any of these all that there ever were. */
export interface FiguresFilter {
  readonly scheduleId: string | null;
  /** Included. */
  readonly from: SpanEdge | null;
  /** A date is included, an instant is not. */
  readonly to: SpanEdge | null;
}

export type Grouping = 'channel' | 'day' | 'schedule' | 'occurrence';

/** The outcomes of one group by its key: the code of a channel, a date, the id of a schedule, a nominal time. */
export interface FiguresOfGroup {
  readonly key: string;
  readonly counts: OutcomeCounts;
}

/** People by outcome, summed over occurrences. */
export async function readFigures(
  db: Queries,
  tenantId: number,
  filter: FiguresFilter,
): Promise<OutcomeCounts> {
  const { from, values } = sourceOf(tenantId, filter);
  const { rows } = await db.pool.query<{ counts: CountsByCode | null }>(
    `select jsonb_object_agg(state, total) as counts
       from (select c.state, sum(c.count) as total from ${from} group by c.state) s`,
    values,
  );
  return countsOf(rows[0]?.counts ?? {});
}

/**
 * The same for each group that has any, ascending by key. Nominal times are keys within one schedule only, and messages
 * of no schedule are in none of its groups.
 */
export async function listFigures(
  db: Queries,
  tenantId: number,
  filter: FiguresFilter,
  grouping: Grouping,
  { limit, after }: Slice,
): Promise<Stretch<FiguresOfGroup>> {
  const { from, values } = grouping === 'channel' ? sourceOf(tenantId, filter) : counters(tenantId, filter);
  const { rows } = await db.pool.query<{ key: string; counts: CountsByCode }>(
    `select key, jsonb_object_agg(state, total) as counts
       from (select ${KEYS[grouping]} collate "C" as key, c.state, sum(c.count) as total
               from ${from}
              group by 1, 2) s
      where key is not null
        and ($${values.length + 1}::text is null or key > $${values.length + 1})
      group by key
      order by key
      limit $${values.length + 2}`,
    [...values, after, limit + 1],
  );
  const { items, next } = stretchOf(rows, limit, ({ key }) => key);
  return { items: items.map(({ key, counts }) => ({ key, counts: countsOf(counts) })), next };
}

type CountsByCode = Record<string, number>;

const KEYS: Readonly<Record<Grouping, string>> = {
  channel: 'c.channel::text',
  day: `to_char(o.day, 'YYYY-MM-DD')`,
  schedule: 'o.schedule_id',
  occurrence: 'o.nominal',
};

interface Source {
  /** What follows `from`: counters as `c`, occurrences as `o` where there are any. */
  readonly from: string;
  readonly values: (string | number | Date | null)[];
}

/** All that there ever was is a few rows of totals; anything narrower is the counters of its occurrences. */
function sourceOf(tenantId: number, filter: FiguresFilter): Source {
  const { scheduleId, from, to } = filter;
  return scheduleId === null && from === null && to === null
    ? { from: 'outcome_total c where c.tenant_id = $1', values: [tenantId] }
    : counters(tenantId, filter);
}

/**
 * Served by occurrence_schedule_id_nominal_key, or by the index of occurrence on (tenant_id, day) or
 * (tenant_id, opened_at), and by the primary key of counter.
 */
function counters(tenantId: number, { scheduleId, from, to }: FiguresFilter): Source {
  return {
    from: `occurrence o
      join counter c on c.occurrence_id = o.id
     where o.tenant_id = $1
       and ($2::text is null or o.schedule_id = $2)
       and ($3::date is null or o.day >= $3::date)
       and ($4::date is null or o.day <= $4::date)
       and ($5::timestamptz is null or o.opened_at >= $5)
       and ($6::timestamptz is null or o.opened_at < $6)`,
    values: [tenantId, scheduleId, dateOf(from), dateOf(to), instantOf(from), instantOf(to)],
  };
}

function dateOf(edge: SpanEdge | null): string | null {
  return edge?.kind === 'date' ? edge.date : null;
}

function instantOf(edge: SpanEdge | null): Date | null {
  return edge?.kind === 'instant' ? new Date(edge.at) : null;
}

function countsOf(byCode: CountsByCode): OutcomeCounts {
  const counts = Object.entries(byCode).filter(([, count]) => count !== 0);
  return Object.fromEntries(counts.map(([code, count]) => [stateOfCode(Number(code)), count]));
}
