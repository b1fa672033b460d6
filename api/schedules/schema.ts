import { z } from 'zod';
import { CAP_WINDOWS, DEFAULT_CAP_RULE, HIGHEST_CAP, ON_THROTTLE_UNAVAILABLE } from '../../domain/caps/rule';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { ON_UNKNOWN } from '../../domain/delivery/doubt';
import { DEFAULT_PRIORITY, PRIORITIES } from '../../domain/delivery/priority';
import type { Zones } from '../../domain/time/zones';
import { SCHEDULE_STATUSES } from '../../store/schedules';
import { categorySchema } from '../content/category';
import { channelSchema } from '../content/channel';
import { dataSchema } from '../content/data';
import { inlineContentSchema } from '../content/inline';
import {
  instant,
  lineOfText,
  nameText,
  notBuilt,
  partlyBuilt,
  readOnly,
} from '../../domain/validation/fields';
import { because } from '../../domain/validation/check';
import { zoneName } from '../../domain/validation/zone-name';
import { scheduleAnswer, warningExample } from './example';
import { linksView } from './links';
import { warningsView } from './warnings';

const BUILT_POLICIES: readonly string[] = ['send', 'skip'];
const MAX_GRACE_SECONDS = 30 * 86_400;

export const SCHEDULE_TYPES = ['once', 'cron', 'drip', 'event'] as const;

function cap(span: 'day' | 'week') {
  return z
    .int()
    .max(HIGHEST_CAP)
    .refine((value) => value >= 1, because('field.range', 'must be at least 1; null means no cap'))
    .meta({ minimum: 1 })
    .nullable()
    .meta({
      description:
        `Messages that a person may have in a ${span}, whatever schedules they come from; who has had as many is ` +
        'recorded `capped`. Null is no cap. Transactional messages neither count nor are capped.',
    });
}

/** Every field that a client may write, with its default. */
function scheduleFields(zones: Zones) {
  return {
    name: nameText(200),
    channel: channelSchema,
    fallbackChannels: z
      .array(channelSchema)
      .max(CHANNEL_NAMES.length - 1)
      .default([])
      .meta({
        description:
          'Channels that are tried in this order when the one before cannot reach a person: no address, suppressed, ' +
          'refused, or its providers fail. The content needs a text for each.',
      }),
    templateId: z.string().min(1).max(200).nullable().default(null),
    content: inlineContentSchema.nullable().default(null),
    data: dataSchema
      .default({})
      .meta({ description: "Variables of every message; they win over a person's attributes." }),
    category: categorySchema,
    priority: z
      .literal(PRIORITIES)
      .default(DEFAULT_PRIORITY)
      .meta({
        description:
          'From 1 to 5. 1 is urgent: it waits behind nothing that is not. Of the others of one tenant the more ' +
          'pressing go first; tenants take turns whatever they call pressing.',
      }),
    tags: z.array(lineOfText(1, 50)).max(50).default([]),
    audienceQuery: z
      .record(z.string(), z.unknown())
      .nullable()
      .default({})
      .meta({ description: 'Whom it is for; empty is everybody.' }),
    scheduleType: partlyBuilt(SCHEDULE_TYPES, ['once'], 'schedule type').default('once'),
    runAt: z
      .string()
      .nullable()
      .default(null)
      .meta({ description: 'A wall time, or with Z or an offset an instant (then `fixed`).' }),
    delay: z.string().nullable().default(null).meta({
      description: 'Instead of runAt: an ISO 8601 duration from now, at most 5 years. Forces `fixed`.',
    }),
    cronExpression: notBuilt(null, 'Cron expressions'),
    rrule: notBuilt(null, 'Recurrence rules'),
    timeZoneMode: z
      .enum(['user-local', 'fixed'])
      .optional()
      .meta({ description: '`user-local` by default; `fixed` by default when runAt is an instant.' }),
    timeZone: zoneName(zones)
      .nullable()
      .default(null)
      .meta({ description: "Null is the tenant's default zone." }),
    startsAt: notBuilt(null, 'Bounds'),
    endsAt: notBuilt(null, 'Bounds'),
    maxOccurrences: notBuilt(null, 'Bounds'),
    excludeDates: notBuilt<string[]>([], 'Excluded dates'),
    holidays: notBuilt(null, 'Holidays'),
    businessHours: notBuilt(null, 'Business hours'),
    gap: z.enum(['forward', 'backward', 'at-transition', 'skip']).default('forward'),
    overlap: z.enum(['first', 'second']).default('first'),
    monthEnd: notBuilt('skip', 'Month-end rules'),
    concurrency: notBuilt('allow', 'Concurrency rules'),
    late: z
      .strictObject({
        policy: partlyBuilt(
          ['send', 'skip', 'next-day', 'start-zone'],
          BUILT_POLICIES,
          'late policy',
        ).default('send'),
        graceSeconds: z.int().min(0).max(MAX_GRACE_SECONDS).default(3_600),
      })
      .prefault({}),
    catchUp: notBuilt({ windowSeconds: 3_600, max: 1 }, 'Catch-up rules'),
    expiresAfter: z.string().default('PT24H').meta({ description: 'An ISO 8601 duration.' }),
    onUnknown: z
      .enum(ON_UNKNOWN)
      .default('resend')
      .meta({
        description:
          'A message that left without an answer: `resend` sends it again under the same Message-ID, `hold` leaves it ' +
          '`unknown` for POST /deliveries/decide.',
      }),
    quietHours: notBuilt(null, 'Quiet hours'),
    maxPerUserPerDay: cap('day').default(DEFAULT_CAP_RULE.perDay),
    maxPerUserPerWeek: cap('week').default(DEFAULT_CAP_RULE.perWeek),
    capWindow: z.enum(CAP_WINDOWS).default(DEFAULT_CAP_RULE.window).meta({
      description:
        '`rolling`: the 24 hours and 7 days up to the message; `calendar`: the day and the ISO week of the person.',
    }),
    onCap: partlyBuilt(['drop', 'defer'], ['drop'], 'answer to a cap').default('drop'),
    onThrottleUnavailable: z.enum(ON_THROTTLE_UNAVAILABLE).default(DEFAULT_CAP_RULE.onUnavailable).meta({
      description:
        'While nobody can say how many messages a person has had: `wait` sends nothing, `allow` sends uncapped.',
    }),
    drip: notBuilt(null, 'Drips'),
    steps: notBuilt<unknown[]>([], 'Drips'),
    trigger: notBuilt(null, 'Triggers'),
    draft: z.boolean().optional().meta({
      description:
        'Waits to be published. False by default; of one that exists only POST /publish changes it.',
    }),
  };
}

/** What only we write. */
const readOnlyFields = {
  id: readOnly(),
  status: readOnly(),
  version: readOnly(),
  appliedVersion: readOnly(),
  nextRunAt: readOnly(),
  createdBy: readOnly(),
  createdAt: readOnly(),
  updatedAt: readOnly(),
  archivedAt: readOnly(),
  links: readOnly(),
  warnings: readOnly(),
};

export function scheduleBodySchema(zones: Zones) {
  return z.strictObject({ ...scheduleFields(zones), ...readOnlyFields }).meta({ id: 'ScheduleBody' });
}

export type ScheduleBody = z.output<ReturnType<typeof scheduleBodySchema>>;

/** In a preview what bears on neither time nor audience may be left out. */
export function previewedScheduleSchema(zones: Zones) {
  const fields = scheduleFields(zones);
  return z
    .strictObject({
      ...fields,
      ...readOnlyFields,
      name: fields.name.nullish(),
      channel: fields.channel.nullish(),
    })
    .meta({ id: 'PreviewedSchedule' });
}

const nullOnly = z.null();

/** A schedule as it is answered: every field, those that are not built yet with their default. */
export const scheduleView = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    channel: z.enum(CHANNEL_NAMES),
    fallbackChannels: z.array(z.enum(CHANNEL_NAMES)),
    templateId: z.string().nullable(),
    content: z.record(z.string(), z.unknown()).nullable(),
    data: z.record(z.string(), z.unknown()),
    category: z.string(),
    priority: z.int(),
    tags: z.array(z.string()),
    audienceQuery: z.record(z.string(), z.unknown()),
    scheduleType: z.enum(SCHEDULE_TYPES),
    runAt: z.string().nullable(),
    delay: z.string().nullable(),
    cronExpression: nullOnly,
    rrule: nullOnly,
    timeZoneMode: z.enum(['user-local', 'fixed']),
    timeZone: z.string().nullable(),
    startsAt: nullOnly,
    endsAt: nullOnly,
    maxOccurrences: nullOnly,
    excludeDates: z.array(z.string()),
    holidays: nullOnly,
    businessHours: nullOnly,
    gap: z.string(),
    overlap: z.string(),
    monthEnd: z.string(),
    concurrency: z.string(),
    late: z.strictObject({ policy: z.string(), graceSeconds: z.int() }),
    catchUp: z.strictObject({ windowSeconds: z.int(), max: z.int() }),
    expiresAfter: z.string(),
    onUnknown: z.enum(ON_UNKNOWN),
    quietHours: nullOnly,
    maxPerUserPerDay: z.int().nullable(),
    maxPerUserPerWeek: z.int().nullable(),
    capWindow: z.enum(CAP_WINDOWS),
    onCap: z.string(),
    onThrottleUnavailable: z.enum(ON_THROTTLE_UNAVAILABLE),
    drip: nullOnly,
    steps: z.array(z.unknown()),
    trigger: nullOnly,
    draft: z.boolean(),
    status: z.enum(SCHEDULE_STATUSES),
    version: z.int(),
    appliedVersion: z.int().meta({
      description:
        'The version that the workflow has taken up; it follows `version`. A draft has no workflow.',
    }),
    nextRunAt: instant.nullable().meta({
      description:
        'First instant of the next occurrence in any zone; null while none is to come by itself (draft, paused, over).',
    }),
    createdBy: z.string(),
    createdAt: instant,
    updatedAt: instant,
    archivedAt: instant.nullable(),
    links: linksView,
  })
  .meta({ id: 'Schedule', examples: [scheduleAnswer] });

/** The answer to a write that makes a schedule, or changes what it sends and to whom. */
export const writtenScheduleView = scheduleView
  .extend({
    warnings: warningsView.optional().meta({ description: 'Absent when there is nothing to warn of.' }),
  })
  .meta({ id: 'WrittenSchedule', examples: [{ ...scheduleAnswer, warnings: [warningExample] }] });
