import type { InlineContent } from '../../domain/content/content';
import type { ChannelName } from '../../domain/delivery/channel';
import type { FieldError } from '../../domain/field-error';
import type { LateRule } from '../../domain/late/late';
import type { OnceTiming, ScheduleConfig } from '../../domain/schedule/config';
import { sameJson } from '../../domain/json-equality';
import { spanOfOnce } from '../../domain/once/span';
import { onceTimeOf } from '../../domain/schedule/once-time';
import { parseDuration } from '../../domain/time/duration';
import type { Instant } from '../../domain/time/instant';
import type { Zones } from '../../domain/time/zones';
import { findTemplate } from '../../store/templates';
import { readAudience } from '../audience/read';
import type { ReadAudience } from '../audience/read';
import { onlyAdminMaySet } from '../content/category';
import { refuseUnconfigured } from '../content/channel';
import type { ChannelConfig } from '../content/channel';
import { readInlineContent } from '../content/inline';
import type { Caller } from '../http/route';
import { checkFields } from '../../domain/validation/check';
import type { Checked } from '../../domain/validation/check';
import { scheduleBodySchema } from './schema';
import type { ScheduleBody } from './schema';
import { readTiming, refusePast } from './timing';

/** A schedule as it may be committed. */
export interface ReadSchedule {
  readonly config: ScheduleConfig;
  /** The first instant that any zone can have. */
  readonly firstAt: Instant;
}

/** What a schedule is read for. */
export type Occasion =
  /** Judged wholly, unless it is a draft: of that, time and template are judged when it is published. */
  | { readonly kind: 'create' }
  /** What stays as it is in `current` is not judged again: its time may have passed by now. */
  | { readonly kind: 'change'; readonly current: ScheduleConfig };

export type ReadScheduleBody = (
  document: unknown,
  caller: Caller,
  occasion: Occasion,
) => Promise<Checked<ReadSchedule>>;

/**
 * Reads the body of a schedule: every field by itself, then the rules across fields for those that are right, so
 * that one answer names everything that is wrong.
 */
export function createReadSchedule(
  zones: Zones,
  clock: () => Instant,
  channels: ChannelConfig,
): ReadScheduleBody {
  const schema = scheduleBodySchema(zones);
  return async (document, caller, occasion) => {
    const now = clock();
    const { principal } = caller;
    const current = occasion.kind === 'change' ? occasion.current : null;
    const fields = checkFields(schema, document);
    const { values, errors } = fields;
    const unconfigured = channelRefusal(channels, values, current);
    const draft = draftOf(values, current);
    const timing = keepInstant(readTiming(zones, fields, principal.tenantZone, now), current);
    const expiry = expiryOf(values);
    const firstAt = firstInstantOf(zones, values, timing, expiry, draft, current, principal.tenantZone, now);
    const distinct = distinctChannelsOf(values);
    const content = await contentOf(values, draft, current, caller);
    const audience = await audienceOf(zones, values, caller);
    const all = [
      ...errors,
      ...unconfigured,
      ...[draft, timing, expiry, firstAt, distinct, content, audience].flatMap(errorsOf),
    ];
    if (
      all.length > 0 ||
      !isWhole(values) ||
      draft.kind !== 'ok' ||
      timing.kind !== 'ok' ||
      expiry.kind !== 'ok' ||
      firstAt.kind !== 'ok' ||
      distinct.kind !== 'ok' ||
      content.kind !== 'ok' ||
      audience.kind !== 'ok'
    ) {
      return { kind: 'refused', errors: all };
    }
    onlyAdminMaySet(values.category, principal);
    const config: ScheduleConfig = {
      name: values.name,
      channel: values.channel,
      fallbackChannels: values.fallbackChannels,
      templateId: values.templateId,
      content: content.value,
      data: values.data,
      category: values.category,
      tags: [...new Set(values.tags)],
      audience: audience.value.condition,
      audienceQuery: audience.value.query,
      timing: timing.value,
      late: lateRuleOf(values.late),
      expiresAfterMs: expiry.value,
      expiresAfter: values.expiresAfter,
      onUnknown: values.onUnknown,
      priority: values.priority,
      caps: {
        perDay: values.maxPerUserPerDay,
        perWeek: values.maxPerUserPerWeek,
        window: values.capWindow,
        onUnavailable: values.onThrottleUnavailable,
      },
      draft: draft.value,
    };
    return { kind: 'ok', value: { config, firstAt: firstAt.value } };
  };
}

type Values = Partial<ScheduleBody>;

/** A rule that could not be judged because a field that it needs is wrong, which has been said already. */
function unread<T>(): Checked<T> {
  return { kind: 'refused', errors: [] };
}

function errorsOf(part: Checked<unknown>): readonly FieldError[] {
  return part.kind === 'refused' ? part.errors : [];
}

/** Fields are missing only where an error says so. */
function isWhole(values: Values): values is ScheduleBody {
  return values.name !== undefined && values.channel !== undefined && values.late !== undefined;
}

function channelRefusal(
  channels: ChannelConfig,
  { channel, fallbackChannels = [] }: Values,
  current: ScheduleConfig | null,
): readonly FieldError[] {
  const before = current === null ? [] : [current.channel, ...(current.fallbackChannels ?? [])];
  const refusal = (one: ChannelName | undefined, pointer: string): readonly FieldError[] =>
    one === undefined || before.includes(one) ? [] : refuseUnconfigured(channels, one, pointer);
  return [
    ...refusal(channel, '/channel'),
    ...fallbackChannels.flatMap((one, index) => refusal(one, `/fallbackChannels/${index}`)),
  ];
}

function audienceOf(zones: Zones, { audienceQuery }: Values, caller: Caller): Promise<Checked<ReadAudience>> {
  if (audienceQuery === undefined) return Promise.resolve(unread());
  return readAudience(zones, audienceQuery ?? {}, caller, '/audienceQuery');
}

function expiryOf({ expiresAfter }: Values): Checked<number> {
  if (expiresAfter === undefined) return unread();
  const length = parseDuration(expiresAfter);
  if (length.kind === 'ok' && length.value > 0) return { kind: 'ok', value: length.value };
  const reason = length.kind === 'refused' ? length.reason : 'must be longer than nothing';
  const message = `expiresAfter: ${reason}`;
  return { kind: 'refused', errors: [{ pointer: '/expiresAfter', code: 'duration.invalid', message }] };
}

function lateRuleOf({ policy, graceSeconds }: ScheduleBody['late']): LateRule {
  return { policy: policy === 'skip' ? 'skip' : 'send', graceSeconds };
}

/** A draft becomes a schedule by being published, which is a command of its own; nothing becomes a draft again. */
function draftOf({ draft }: Values, current: ScheduleConfig | null): Checked<boolean> {
  if (current === null || draft === undefined || draft === current.draft) {
    return { kind: 'ok', value: draft ?? current?.draft ?? false };
  }
  const message = draft
    ? 'draft: was published already and cannot become a draft again'
    : 'draft: POST /publish makes a schedule of a draft; leave it out here';
  return { kind: 'refused', errors: [{ pointer: '/draft', code: 'field.conflict', message }] };
}

/** A delay counts from when it was first written: writing the same one again moves nothing. */
function keepInstant(read: Checked<OnceTiming>, current: ScheduleConfig | null): Checked<OnceTiming> {
  if (read.kind !== 'ok' || current === null) return read;
  const { value } = read;
  const old = current.timing;
  const sameDelay =
    value.kind === 'once-fixed' &&
    old.kind === 'once-fixed' &&
    value.delay !== null &&
    value.delay === old.delay;
  return sameDelay ? { kind: 'ok', value: { ...value, at: old.at } } : read;
}

function firstInstantOf(
  zones: Zones,
  { late }: Values,
  timing: Checked<OnceTiming>,
  expiry: Checked<number>,
  draft: Checked<boolean>,
  current: ScheduleConfig | null,
  tenantZone: string,
  now: Instant,
): Checked<Instant> {
  if (timing.kind !== 'ok' || expiry.kind !== 'ok' || draft.kind !== 'ok' || late === undefined) {
    return unread();
  }
  const rule = lateRuleOf(late);
  const time = onceTimeOf(timing.value, tenantZone);
  const asBefore =
    current !== null &&
    sameJson(timing.value, current.timing) &&
    sameJson(rule, current.late) &&
    expiry.value === current.expiresAfterMs;
  return draft.value || asBefore
    ? { kind: 'ok', value: spanOfOnce(zones, time).earliest }
    : refusePast(zones, time, now, rule, expiry.value);
}

/** Each channel once: an address that cannot be reached is not tried again under another name. */
function distinctChannelsOf({ channel, fallbackChannels }: Values): Checked<null> {
  if (fallbackChannels === undefined) return unread();
  const errors = fallbackChannels.flatMap((fallback, index): FieldError[] => {
    const twice = [channel, ...fallbackChannels.slice(0, index)].includes(fallback);
    const message = `fallbackChannels: ${fallback} is tried before already`;
    return twice ? [{ pointer: `/fallbackChannels/${index}`, code: 'field.conflict', message }] : [];
  });
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'ok', value: null };
}

/** Fallback channels for which there is nothing to say. */
function withoutText(
  { contents }: Pick<InlineContent, 'contents'>,
  fallbackChannels: readonly ChannelName[],
  fix: string,
): FieldError[] {
  return fallbackChannels.flatMap((channel, index): FieldError[] => {
    const message = `fallbackChannels: there is no content for the channel ${channel}${fix}`;
    return contents[channel]
      ? []
      : [{ pointer: `/fallbackChannels/${index}`, code: 'field.conflict', message }];
  });
}

/** Exactly one of template and inline content; what it is has to serve every channel. */
async function contentOf(
  { templateId, content, channel, fallbackChannels = [] }: Values,
  draft: Checked<boolean>,
  current: ScheduleConfig | null,
  { db, principal }: Caller,
): Promise<Checked<InlineContent | null>> {
  if (templateId === undefined || content === undefined) return unread();
  if ((templateId === null) === (content === null)) {
    const message = 'templateId: exactly one of templateId and content must be given';
    return { kind: 'refused', errors: [{ pointer: '/templateId', code: 'field.conflict', message }] };
  }
  if (content !== null) {
    const read = readInlineContent(content, channel, '/content');
    if (read.kind === 'refused') return read;
    const errors = withoutText(read.value, fallbackChannels, ': give `contents` by channel');
    return errors.length > 0 ? { kind: 'refused', errors } : read;
  }
  const asBefore =
    current !== null &&
    templateId === current.templateId &&
    channel === current.channel &&
    sameJson(fallbackChannels, current.fallbackChannels ?? []);
  if (asBefore || (draft.kind === 'ok' && draft.value)) return { kind: 'ok', value: null };
  const template = await findTemplate(db, principal.tenantId, templateId ?? '');
  const reason = !template
    ? 'no template has this id'
    : !template.active || template.archivedAt
      ? 'the template is not active'
      : channel !== undefined && !template.definition.contents[channel]
        ? `the template has no content for the channel ${channel}`
        : null;
  if (reason === null) {
    const errors = template ? withoutText(template.definition, fallbackChannels, ' in the template') : [];
    return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'ok', value: null };
  }
  const message = `templateId: ${reason}`;
  return { kind: 'refused', errors: [{ pointer: '/templateId', code: 'template.unusable', message }] };
}
