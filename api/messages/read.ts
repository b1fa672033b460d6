import type { InlineContent } from '../../domain/content/content';
import type { ChannelName } from '../../domain/delivery/channel';
import type { FieldError } from '../../domain/field-error';
import type { MessageTime } from '../../domain/messages/due';
import { parseLocalDay, parseLocalTime } from '../../domain/messages/local-time';
import { parseDuration } from '../../domain/time/duration';
import { parseInstant } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import type { Parsed } from '../../domain/time/parsed';
import { checkFields } from '../../domain/validation/check';
import type { Checked } from '../../domain/validation/check';
import { fieldOf } from '../../domain/validation/document';
import type { FieldErrorCode } from '../../domain/validation/field-codes';
import type { Principal } from '../auth/principal';
import { onlyAdminMaySet } from '../content/category';
import { refuseUnconfigured } from '../content/channel';
import type { ChannelConfig } from '../content/channel';
import { readInlineContent } from '../content/inline';
import { messageBody } from './schema';
import type { MessageBody } from './schema';

/** A message as somebody asks for it: right by itself, and not yet held against its person and its template. */
export interface WantedMessage {
  readonly recipient: string;
  readonly channel: ChannelName;
  /** Exactly one of `templateId` and `content` is set. */
  readonly templateId: string | null;
  readonly content: InlineContent | null;
  readonly data: Record<string, unknown>;
  readonly time: MessageTime;
  /** The field that says when. */
  readonly timeField: TimeField;
  readonly expiresAt: Instant | null;
  readonly category: string;
  readonly priority: number;
  readonly dedupeKey: string | null;
}

export type TimeField = 'sendAt' | 'sendLocal' | 'delay';

type Values = Partial<MessageBody>;

/**
 * Reads the body of a message: every field by itself, then the rules across fields for those that are right.
 * @throws ApiError 403 when only an ADMIN may send it.
 */
export function readMessage(document: unknown, principal: Principal): Checked<WantedMessage> {
  const { values, wrong, errors } = checkFields(messageBody, document);
  const content = contentOf(values, wrong);
  const time = timeOf(values, wrong);
  const expiresAt = expiryOf(values);
  const all = [...errors, ...[content, time, expiresAt].flatMap(errorsOf)];
  if (
    all.length > 0 ||
    !isWhole(values) ||
    content.kind !== 'ok' ||
    time.kind !== 'ok' ||
    expiresAt.kind !== 'ok'
  ) {
    return { kind: 'refused', errors: all };
  }
  const { recipient, channel, templateId, data, category, priority, dedupeKey } = values;
  onlyAdminMaySet(category, principal);
  return {
    kind: 'ok',
    value: {
      recipient,
      channel,
      templateId,
      content: content.value,
      data,
      ...time.value,
      expiresAt: expiresAt.value,
      category,
      priority,
      dedupeKey,
    },
  };
}

/** As `readMessage`, for one that is not there yet: its channel has to be one that this installation has. */
export function readNewMessage(
  document: unknown,
  principal: Principal,
  channels: ChannelConfig,
): Checked<WantedMessage> {
  const read = readMessage(document, principal);
  if (read.kind === 'refused') return read;
  const errors = refuseUnconfigured(channels, read.value.channel, '/channel');
  return errors.length > 0 ? { kind: 'refused', errors } : read;
}

/** Fields are missing only where an error says so. */
function isWhole(values: Values): values is MessageBody {
  return values.recipient !== undefined && values.channel !== undefined;
}

/** Exactly one of template and inline content. */
function contentOf(
  { templateId, content, channel }: Values,
  wrong: ReadonlySet<string>,
): Checked<InlineContent | null> {
  if (templateId === undefined || content === undefined || wrong.has('content')) return unread();
  if ((templateId === null) === (content === null)) {
    return refusal('/templateId', 'field.conflict', 'exactly one of templateId and content must be given');
  }
  return content === null ? right(null) : readInlineContent(content, channel, '/content');
}

type Timing = Pick<WantedMessage, 'time' | 'timeField'>;

function timeOf({ sendAt, sendLocal, delay }: Values, wrong: ReadonlySet<string>): Checked<Timing> {
  if (['sendAt', 'sendLocal', 'delay'].some((field) => wrong.has(field))) return unread();
  const at = sendAt ?? null;
  const local = sendLocal ?? null;
  const after = delay ?? null;
  const ways = [at, local, after].filter((way) => way !== null);
  if (ways.length > 1) {
    const [, second] = Object.entries({ sendAt: at, sendLocal: local, delay: after }).filter(
      ([, way]) => way !== null,
    );
    return refusal(
      `/${second?.[0]}`,
      'field.conflict',
      'only one of sendAt, sendLocal and delay may be given',
    );
  }
  if (at !== null) {
    return timed('sendAt', 'time.invalid', parseInstant(at), (instant) => ({ kind: 'instant', at: instant }));
  }
  if (after !== null) {
    return timed('delay', 'duration.invalid', parseDuration(after), (ms) => ({ kind: 'delay', ms }));
  }
  if (typeof local === 'string') {
    return timed('sendLocal', 'time.invalid', parseLocalTime(local), (time) => time);
  }
  if (local === null) return right({ time: { kind: 'now' }, timeField: 'sendAt' });
  const parsed = parseLocalDay(local.day, local.time);
  return parsed.kind === 'ok'
    ? right({ time: parsed.value, timeField: 'sendLocal' })
    : refusal(`/sendLocal/${parsed.part}`, 'time.invalid', parsed.reason);
}

function timed<T>(
  field: TimeField,
  code: FieldErrorCode,
  parsed: Parsed<T>,
  timeFrom: (value: T) => MessageTime,
): Checked<Timing> {
  return parsed.kind === 'ok'
    ? right({ time: timeFrom(parsed.value), timeField: field })
    : refusal(`/${field}`, code, parsed.reason);
}

function expiryOf({ expiresAt }: Values): Checked<Instant | null> {
  if (expiresAt === undefined || expiresAt === null) return right(null);
  const parsed = parseInstant(expiresAt);
  return parsed.kind === 'ok' ? right(parsed.value) : refusal('/expiresAt', 'time.invalid', parsed.reason);
}

function right<T>(value: T): Checked<T> {
  return { kind: 'ok', value };
}

/** A rule that could not be judged because a field that it needs is wrong, which has been said already. */
function unread<T>(): Checked<T> {
  return { kind: 'refused', errors: [] };
}

function errorsOf(part: Checked<unknown>): readonly FieldError[] {
  return part.kind === 'refused' ? part.errors : [];
}

/** One field that is wrong, and how to mend it. */
export function refusal<T>(pointer: string, code: FieldErrorCode, reason: string): Checked<T> {
  return { kind: 'refused', errors: [{ pointer, code, message: `${fieldOf(pointer)}: ${reason}` }] };
}
