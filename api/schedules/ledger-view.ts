import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { ADJUSTED_CODES, DELIVERY_STATES, REASON_CODES } from '../../domain/delivery/state';
import { ZONE_SOURCE_CODES } from '../../domain/recipient/zone-source';
import type { DeliveryRecord } from '../../store/deliveries';
import type { OccurrenceSummary } from '../../store/occurrence-list';
import { instant } from '../../domain/validation/fields';
import { occurrenceWorkflowId } from '../../workflows/contract';
import { linksTo, linksView } from './links';
import { trailView, viewOfStep } from './trail-view';
import { deliveryAnswer, occurrenceAnswer } from './example';

export const deliveryView = z
  .strictObject({
    recipient: z
      .string()
      .nullable()
      .meta({ description: 'Your id of the person; null once they are erased.' }),
    occurrence: z.string().meta({ description: 'Nominal time of the occurrence.' }),
    step: z.string().nullable(),
    outcome: z
      .enum(DELIVERY_STATES)
      .meta({ description: '`unknown` waits for a decision: it may have been accepted, or not.' }),
    reason: z.enum(Object.keys(REASON_CODES)).nullable(),
    channel: z.enum(CHANNEL_NAMES).nullable(),
    timeZone: z.string(),
    timeZoneSource: z.enum(Object.keys(ZONE_SOURCE_CODES)),
    locale: z.string().nullable(),
    adjusted: z.enum(Object.keys(ADJUSTED_CODES)).nullable(),
    dueAt: instant,
    settledAt: instant.nullable().meta({ description: 'For `sent` the acceptance by the provider.' }),
    latenessMs: z.int().nullable().meta({ description: 'From dueAt to settledAt of what was sent.' }),
    attempts: z.int().meta({ description: 'How often a provider was asked, on whichever channel.' }),
    provider: z.string().nullable().meta({ description: 'Who carried it, or was asked last.' }),
    trail: trailView,
  })
  .meta({ id: 'Delivery', examples: [deliveryAnswer] });

export function viewOfDelivery(delivery: DeliveryRecord): z.input<typeof deliveryView> {
  const { due, settledAt, outcome } = delivery;
  return {
    recipient: delivery.recipient,
    occurrence: delivery.occurrence,
    step: delivery.step,
    outcome,
    reason: delivery.reason,
    channel: delivery.channel,
    timeZone: delivery.zone,
    timeZoneSource: delivery.zoneSource,
    locale: delivery.locale,
    adjusted: delivery.adjusted,
    dueAt: due.toISOString(),
    settledAt: settledAt?.toISOString() ?? null,
    latenessMs: outcome === 'sent' && settledAt ? settledAt.getTime() - due.getTime() : null,
    attempts: delivery.attempts,
    provider: delivery.provider,
    trail: delivery.trail.map(viewOfStep),
  };
}

export const occurrenceView = z
  .strictObject({
    id: z.string(),
    nominal: z.string().meta({ description: 'What identifies it within the schedule.' }),
    version: z.int(),
    state: z.string(),
    openedAt: instant,
    closedAt: instant.nullable().meta({
      description: 'When it closed first. A decision to send again opens it again, for those people alone.',
    }),
    deliveriesDroppedAt: instant.nullable().meta({
      description: 'When its deliveries were dropped because of their age. Its counts stay.',
    }),
    counts: z
      .record(z.string(), z.int())
      .meta({ description: 'People by outcome; considered is the sum of them all.' }),
    considered: z.int(),
    links: linksView,
  })
  .meta({ id: 'Occurrence', examples: [occurrenceAnswer] });

/** @param temporalUiUrl base of Temporal's Web UI, when it is known. */
export function viewOfOccurrence(
  scheduleId: string,
  { openedAt, closedAt, droppedAt, counts, ...rest }: OccurrenceSummary,
  temporalUiUrl: string | undefined,
): z.input<typeof occurrenceView> {
  return {
    ...rest,
    openedAt: openedAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
    deliveriesDroppedAt: droppedAt?.toISOString() ?? null,
    counts: { ...counts },
    considered: Object.values(counts).reduce((sum, count) => sum + count, 0),
    links: linksTo(temporalUiUrl, occurrenceWorkflowId(scheduleId, rest.nominal)),
  };
}
