import type { ChannelName } from '../domain/delivery/channel';
import { calledProvider, channelOfCode } from '../domain/delivery/channel';
import type { Adjusted, DeliveryReason, DeliveryState } from '../domain/delivery/state';
import { adjustedOfCode, reasonOfCode, STATE_CODES, stateOfCode } from '../domain/delivery/state';
import type { ZoneSource } from '../domain/recipient/zone-source';
import { zoneSourceOfCode } from '../domain/recipient/zone-source';
import type { Step } from '../domain/delivery/step';
import { STEPS_OF_ROW, trailOf } from './attempts';
import type { StepsOfRow } from './attempts';
import type { Queries } from './database';
import { stretchOf } from './keyset';
import type { Slice, Stretch } from './keyset';
import { readPlace, writePlace } from './ledger-place';

/** One row of the ledger as its reader sees it. */
export interface DeliveryRecord {
  /** The customer's own id; null once the person is erased. */
  readonly recipient: string | null;
  readonly occurrence: string;
  readonly step: string | null;
  readonly outcome: DeliveryState;
  readonly reason: DeliveryReason | null;
  readonly channel: ChannelName | null;
  readonly zone: string;
  readonly zoneSource: ZoneSource;
  readonly locale: string | null;
  readonly adjusted: Adjusted | null;
  readonly due: Date;
  readonly settledAt: Date | null;
  readonly attempts: number;
  /** Who carried it, or was asked last; null when nobody was. */
  readonly provider: string | null;
  /** What was tried, oldest first. */
  readonly trail: readonly Step[];
}

export interface DeliveryFilter {
  readonly recipient?: string | undefined;
  readonly outcome?: DeliveryState | undefined;
  /** Nominal time or row id of an occurrence. */
  readonly occurrence?: string | undefined;
}

interface DeliveryRow {
  occurrence_id: string;
  nominal: string;
  step: string;
  rid: string;
  external_id: string | null;
  state: number;
  reason: number | null;
  channel: number | null;
  zone: string;
  zone_source: number;
  locale: string | null;
  adjusted: number | null;
  due: Date;
  settled_at: Date | null;
  attempts: number;
  provider: string | null;
  steps: StepsOfRow;
}

/** The ledger of one schedule: by occurrence, step and person, in the order of their creation. */
export async function listDeliveries(
  db: Queries,
  tenantId: number,
  scheduleId: string,
  filter: DeliveryFilter,
  { limit, after }: Slice,
): Promise<Stretch<DeliveryRecord>> {
  const { occurrenceId, step, rid } = readPlace(after) ?? { occurrenceId: '0', step: '', rid: '0' };
  // Each occurrence goes on by itself, at most `limit` rows of it, so that the primary key of its partition (day,
  // occurrence_id, step, rid) serves the place and the order; over the two tables at once all before it is read again.
  const { rows } = await db.pool.query<DeliveryRow>(
    `select o.id as occurrence_id, o.nominal, d.step, d.rid, r.external_id, d.state, d.reason, d.channel,
            d.zone, d.zone_source, d.locale, d.adjusted, d.due, d.settled_at, d.attempts, d.provider,
            ${STEPS_OF_ROW} as steps
       from occurrence o
      cross join lateral (
        select *
          from delivery l
         where l.day = o.day
           and l.occurrence_id = o.id
           and (l.step, l.rid) > (case when o.id = $3::bigint then $4 else '' end,
                                  case when o.id = $3::bigint then $5::bigint else 0 end)
           and ($6::text is null or l.rid = (select rid from recipient where tenant_id = $1 and external_id = $6))
           and ($7::smallint is null or l.state = $7)
         order by l.step, l.rid
         limit $9
      ) d
       join recipient r on r.rid = d.rid
      where o.tenant_id = $1
        and o.schedule_id = $2
        and o.dropped_at is null
        and o.id >= $3::bigint
        and ($8::text is null or o.nominal = $8 or o.id::text = $8)
      order by o.id, d.step, d.rid
      limit $9`,
    [
      tenantId,
      scheduleId,
      occurrenceId,
      step,
      rid,
      filter.recipient,
      filter.outcome === undefined ? null : STATE_CODES[filter.outcome],
      filter.occurrence,
      limit + 1,
    ],
  );
  const { items, next } = stretchOf(rows, limit, writePlace);
  return { items: items.map(recordOf), next };
}

function recordOf(row: DeliveryRow): DeliveryRecord {
  const channel = row.channel === null ? null : channelOfCode(row.channel);
  return {
    recipient: row.external_id,
    occurrence: row.nominal,
    step: row.step === '' ? null : row.step,
    outcome: stateOfCode(row.state),
    reason: row.reason === null ? null : reasonOfCode(row.reason),
    channel,
    zone: row.zone,
    zoneSource: zoneSourceOfCode(row.zone_source),
    locale: row.locale,
    adjusted: row.adjusted === null ? null : adjustedOfCode(row.adjusted),
    due: row.due,
    settledAt: row.settled_at,
    attempts: row.attempts,
    provider: calledProvider(channel, row.provider, row.attempts),
    trail: trailOf(row),
  };
}
