import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { REASON_CODES } from '../../domain/delivery/state';
import type { DeliveryReason } from '../../domain/delivery/state';
import { recipientId } from '../../domain/recipient/body';
import { because } from '../../domain/validation/check';
import { instant, lineOfText } from '../../domain/validation/fields';
import { trailView, viewOfStep } from '../schedules/trail-view';
import type { DeadLetterRecord } from '../../store/dead-letters';
import type { LedgerPlace } from '../../store/ledger-place';

const ID = /^dl_(\d{1,18})_(\d{1,18})(?:_([a-z][a-z0-9-]{0,39}))?$/;

/** The public name of a row of the ledger. */
function idOf({ occurrenceId, step, rid }: LedgerPlace): string {
  return `dl_${occurrenceId}_${rid}${step === '' ? '' : `_${step}`}`;
}

/** @param id which `deadLetterId` has found to be one. */
export function keyOf(id: string): LedgerPlace {
  const [, occurrenceId = '', rid = '', step = ''] = ID.exec(id) ?? [];
  return { occurrenceId, step, rid };
}

const deadLetterId = z
  .string()
  .refine((id) => ID.test(id), because('field.format', 'must be the id of a dead letter'));

export const reason = z.enum(Object.keys(REASON_CODES) as DeliveryReason[]);

export const filter = {
  occurrence: lineOfText(1, 40)
    .optional()
    .meta({ description: 'Nominal time or id of an occurrence; left out, all of them.' }),
  recipient: recipientId.optional().meta({ description: 'Your id of a person; left out, everybody.' }),
  reason: reason.optional().meta({ description: 'Why they failed; left out, whatever the reason.' }),
};

export const replayBody = z
  .strictObject({
    id: deadLetterId.optional().meta({ description: 'One dead letter.' }),
    scheduleId: lineOfText(1, 40)
      .optional()
      .meta({ description: 'Those of a schedule, narrowed by the fields below.' }),
    ...filter,
  })
  .superRefine(({ id, ...narrower }, context) => {
    const given = Object.entries(narrower).flatMap(([field, value]) => (value === undefined ? [] : [field]));
    if (id === undefined && narrower.scheduleId === undefined) {
      const fix = 'is required, unless `id` names one dead letter';
      context.addIssue({ code: 'custom', path: ['scheduleId'], ...because('field.required', fix) });
    }
    for (const field of id === undefined ? [] : given) {
      const fix = 'says nothing beside `id`: leave one of the two out';
      context.addIssue({ code: 'custom', path: [field], ...because('field.conflict', fix) });
    }
  })
  .meta({ id: 'Replay' });

export const replayView = z
  .strictObject({
    people: z.int().meta({ description: 'How many are sent to again; those replayed before do not count.' }),
  })
  .meta({ id: 'Replayed', examples: [{ people: 12 }] });

const deadLetterExample = {
  id: 'dl_4711_815',
  scheduleId: 'sch_01KA4ZJ3Q0V6R1D4T2M8X9YB7C',
  occurrence: '2026-12-01T09:00:00',
  step: null,
  recipient: 'ada',
  channel: 'email',
  reason: 'provider-unavailable',
  attempts: 4,
  provider: 'smtp',
  trail: ['00', '02', '10', '43'].map((seconds) => ({
    at: `2026-12-01T08:00:${seconds}.000Z`,
    channel: 'email',
    provider: 'smtp',
    result: 'transient',
    reason: null,
  })),
  dueAt: '2026-12-01T08:00:00.000Z',
  failedAt: '2026-12-01T08:00:43.000Z',
} as const;

export const deadLetterView = z
  .strictObject({
    id: z.string(),
    scheduleId: z.string(),
    occurrence: z.string().meta({ description: 'Nominal time of the occurrence.' }),
    step: z.string().nullable(),
    recipient: z
      .string()
      .nullable()
      .meta({ description: 'Your id of the person; null once they are erased.' }),
    channel: z.enum(CHANNEL_NAMES).nullable(),
    reason: reason.nullable(),
    attempts: z.int().meta({ description: 'How often a provider was asked, on whichever channel.' }),
    provider: z.string().nullable().meta({ description: 'Who was asked last.' }),
    trail: trailView,
    dueAt: instant,
    failedAt: instant.nullable(),
  })
  .meta({ id: 'DeadLetter', examples: [deadLetterExample] });

export function viewOf(record: DeadLetterRecord): z.input<typeof deadLetterView> {
  return {
    id: idOf(record),
    scheduleId: record.scheduleId,
    occurrence: record.nominal,
    step: record.step === '' ? null : record.step,
    recipient: record.recipient,
    channel: record.channel,
    reason: record.reason,
    attempts: record.attempts,
    provider: record.provider,
    trail: record.trail.map(viewOfStep),
    dueAt: record.due.toISOString(),
    failedAt: record.settledAt?.toISOString() ?? null,
  };
}
