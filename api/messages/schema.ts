import { z } from 'zod';
import { CHANNEL_NAMES } from '../../domain/delivery/channel';
import { DEFAULT_PRIORITY, PRIORITIES } from '../../domain/delivery/priority';
import { DELIVERY_STATES, REASON_CODES } from '../../domain/delivery/state';
import { recipientId } from '../../domain/recipient/body';
import { ZONE_SOURCE_CODES } from '../../domain/recipient/zone-source';
import { because } from '../../domain/validation/check';
import { instant, lineOfText, readOnly } from '../../domain/validation/fields';
import { categorySchema } from '../content/category';
import { channelSchema } from '../content/channel';
import { dataSchema } from '../content/data';
import { inlineContentSchema } from '../content/inline';

export const MOST_MESSAGES = 10_000;

/** What a day of a person's calendar may be called. */
const localDay = z.strictObject({
  day: z.string().max(40).meta({
    description: '`today`, `tomorrow`, a weekday such as `monday`, or a date such as `2026-12-24`.',
  }),
  time: z.string().max(40).meta({ description: 'A time of day such as `09:00`.' }),
});

export type WrittenLocalDay = z.output<typeof localDay>;

/** By hand, because a union says of what it does not like that it is no member, and not what is wrong with it. */
const sendLocal = z
  .unknown()
  .optional()
  .transform((given, context): string | WrittenLocalDay | null => {
    if (given === null || given === undefined) return null;
    if (typeof given === 'string') return given;
    const parsed = localDay.safeParse(given);
    if (parsed.success) return parsed.data;
    const message =
      'must be a wall time such as 2026-12-24T18:00:00, or { "day": "tomorrow", "time": "09:00" } and nothing else';
    context.addIssue({ code: 'custom', ...because('time.invalid', message) });
    return z.NEVER;
  })
  .meta({
    oneOf: [{ type: 'string' }, { type: 'null' }, z.toJSONSchema(localDay, { io: 'input' })].map((option) => {
      const { $schema: _dialect, ...schema } = option as Record<string, unknown>;
      return schema;
    }),
    default: null,
    description:
      "What the person's own clock shows when it leaves: a wall time, or a day of their calendar and a time of day. A " +
      'weekday is the next one on which the time is still to come.',
  });

const written = {
  recipient: recipientId,
  channel: channelSchema,
  templateId: z.string().min(1).max(200).nullable().default(null),
  content: inlineContentSchema.nullable().default(null),
  data: dataSchema
    .default({})
    .meta({ description: "Variables of this message; they win over the person's attributes." }),
  sendAt: z.string().max(100).nullable().default(null).meta({
    description:
      'An instant: ISO 8601 with `Z` or an offset, at most 5 years ahead. Without any time it is sent now.',
  }),
  sendLocal,
  delay: z.string().max(100).nullable().default(null).meta({
    description: 'An ISO 8601 duration from now, at most 5 years; `P1D` is 24 hours.',
  }),
  expiresAt: z.string().max(100).nullable().default(null).meta({
    description: 'An instant after which it is not sent any more; 24 hours after it is due by default.',
  }),
  category: categorySchema,
  priority: z.literal(PRIORITIES).default(DEFAULT_PRIORITY).meta({
    description: 'From 1 to 5. 1 is urgent: it waits behind nothing that is not.',
  }),
  dedupeKey: lineOfText(1, 200).nullable().default(null).meta({
    description:
      'Of all messages of the tenant with one key only the first is accepted: for 7 days, or for as long as it waits.',
  }),
};

/** What only we write. */
const ours = {
  id: readOnly(),
  status: readOnly(),
  reason: readOnly(),
  dueAt: readOnly(),
  timeZone: readOnly(),
  timeZoneSource: readOnly(),
  locale: readOnly(),
  attempts: readOnly(),
  createdAt: readOnly(),
  settledAt: readOnly(),
  latenessMs: readOnly(),
};

export const messageBody = z.strictObject({ ...written, ...ours }).meta({ id: 'MessageBody' });

export type MessageBody = z.output<typeof messageBody>;

/** A list; each of them is judged by itself. */
export const messageBatchBody = z
  .strictObject({ messages: z.array(z.unknown()).min(1).max(MOST_MESSAGES) })
  .meta({ id: 'MessageBatchBody' });

/** As `messageBatchBody`, for the document. */
export const describedBatchBody = z
  .strictObject({ messages: z.array(messageBody).min(1).max(MOST_MESSAGES) })
  .meta({ id: 'MessageBatch' });

export const messageExample = {
  recipient: 'ada',
  channel: 'email',
  content: { subject: 'Your parcel', body: 'Hello {{first_name}}, it arrives at {{hour}}.' },
  data: { hour: '9 o’clock' },
  sendLocal: { day: 'tomorrow', time: '09:00' },
};

export const messageAnswer = {
  id: 'msg_01KD2J6M00T3R8W5Y7ZB9C1D4F',
  recipient: 'ada',
  channel: 'email',
  templateId: null,
  content: messageExample.content,
  data: messageExample.data,
  category: 'marketing',
  priority: 3,
  status: 'pending',
  reason: null,
  dueAt: '2026-12-22T08:00:00.000Z',
  sendLocal: '2026-12-22T09:00:00',
  timeZone: 'Europe/Vienna',
  timeZoneSource: 'profile',
  locale: null,
  expiresAt: '2026-12-23T08:00:00.000Z',
  attempts: 0,
  createdAt: '2026-12-21T10:30:00.000Z',
  settledAt: null,
  latenessMs: null,
};

export const messageView = z
  .strictObject({
    id: z.string(),
    recipient: z
      .string()
      .nullable()
      .meta({ description: 'Your id of the person; null once they are erased.' }),
    channel: z.enum(CHANNEL_NAMES).nullable(),
    templateId: z.string().nullable().meta({
      description: 'Null without a template; and once the message is over, unless it failed.',
    }),
    content: z.record(z.string(), z.unknown()).nullable(),
    data: z.record(z.string(), z.unknown()),
    category: z.string(),
    priority: z.int().nullable().meta({ description: 'Null once the message is over.' }),
    status: z.enum(DELIVERY_STATES).meta({
      description:
        '`pending` until it is taken up, `held` for a later instant, `claimed` while it is sent, then its outcome.',
    }),
    reason: z.enum(Object.keys(REASON_CODES)).nullable(),
    dueAt: instant,
    sendLocal: z.string().nullable().meta({
      description:
        'The wall time that it was accepted for; null where it was none, and once the message is over.',
    }),
    timeZone: z.string(),
    timeZoneSource: z.enum(Object.keys(ZONE_SOURCE_CODES)),
    locale: z.string().nullable().meta({ description: 'Of the variant that was sent.' }),
    expiresAt: instant.nullable().meta({ description: 'Null once the message is over.' }),
    attempts: z.int(),
    createdAt: instant.nullable().meta({ description: 'Null once the message is over.' }),
    settledAt: instant.nullable().meta({ description: 'For `sent` the acceptance by the provider.' }),
    latenessMs: z.int().nullable().meta({ description: 'From dueAt to settledAt of what was sent.' }),
  })
  .meta({ id: 'Message', examples: [messageAnswer] });
