import type { AudienceCondition } from '../../domain/audience/condition';
import type { InlineContent } from '../../domain/content/content';
import type { FieldError } from '../../domain/field-error';
import type { OnceTiming, ScheduleConfig } from '../../domain/schedule/config';
import { onceTimeOf } from '../../domain/schedule/once-time';
import { parseDuration } from '../../domain/time/duration';
import type { Instant } from '../../domain/time/instant';
import type { Zones } from '../../domain/time/zones';
import type { Database } from '../../store/database';
import { findTemplate } from '../../store/templates';
import type { Principal } from '../auth/principal';
import { onlyAdminMaySet } from '../content/category';
import { readInlineContent } from '../content/inline';
import { checkFields } from '../http/validation';
import type { Checked } from '../http/validation';
import { readAudience } from './audience';
import { scheduleBodySchema } from './schema';
import type { ScheduleBody } from './schema';
import { readTiming, refusePast } from './timing';

/** A schedule as it may be committed. */
export interface ReadSchedule {
  readonly config: ScheduleConfig;
  /** The first instant that any zone can have. */
  readonly nextRunAt: Instant;
}

export type ReadScheduleBody = (document: unknown, principal: Principal) => Promise<Checked<ReadSchedule>>;

/**
 * Reads the body of a schedule: every field by itself, then the rules across fields for those that are right, so
 * that one answer names everything that is wrong.
 */
export function createReadSchedule(db: Database, zones: Zones, clock: () => Instant): ReadScheduleBody {
  const schema = scheduleBodySchema(zones);
  return async (document, principal) => {
    const now = clock();
    const fields = checkFields(schema, document);
    const { values, errors } = fields;
    const timing = readTiming(zones, fields, principal.tenantZone, now);
    const expiry = expiryOf(values);
    const nextRunAt = nextRunOf(zones, values, timing, expiry, principal.tenantZone, now);
    const content = await contentOf(db, values, principal.tenantId);
    const audience = audienceOf(values);
    const all = [...errors, ...[timing, expiry, nextRunAt, content, audience].flatMap(errorsOf)];
    if (
      all.length > 0 ||
      !isWhole(values) ||
      timing.kind !== 'ok' ||
      expiry.kind !== 'ok' ||
      nextRunAt.kind !== 'ok' ||
      content.kind !== 'ok' ||
      audience.kind !== 'ok'
    ) {
      return { kind: 'refused', errors: all };
    }
    onlyAdminMaySet(values.category, principal);
    const config: ScheduleConfig = {
      name: values.name,
      channel: values.channel,
      templateId: values.templateId,
      content: content.value,
      data: values.data,
      category: values.category,
      tags: [...new Set(values.tags)],
      audience: audience.value,
      audienceQuery: values.audienceQuery ?? {},
      timing: timing.value,
      late: {
        policy: values.late.policy === 'skip' ? 'skip' : 'send',
        graceSeconds: values.late.graceSeconds,
      },
      expiresAfterMs: expiry.value,
      expiresAfter: values.expiresAfter,
      draft: false,
    };
    return { kind: 'ok', value: { config, nextRunAt: nextRunAt.value.earliest } };
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

function audienceOf({ audienceQuery }: Values): Checked<AudienceCondition> {
  return audienceQuery === undefined ? unread() : readAudience(audienceQuery);
}

function expiryOf({ expiresAfter }: Values): Checked<number> {
  if (expiresAfter === undefined) return unread();
  const length = parseDuration(expiresAfter);
  if (length.kind === 'ok' && length.value > 0) return { kind: 'ok', value: length.value };
  const reason = length.kind === 'refused' ? length.reason : 'must be longer than nothing';
  const message = `expiresAfter: ${reason}`;
  return { kind: 'refused', errors: [{ pointer: '/expiresAfter', code: 'duration.invalid', message }] };
}

function nextRunOf(
  zones: Zones,
  { late }: Values,
  timing: Checked<OnceTiming>,
  expiry: Checked<number>,
  tenantZone: string,
  now: Instant,
): Checked<{ readonly earliest: Instant }> {
  if (timing.kind !== 'ok' || expiry.kind !== 'ok' || late === undefined) return unread();
  const rule = { policy: late.policy === 'skip' ? 'skip' : 'send', graceSeconds: late.graceSeconds } as const;
  return refusePast(zones, onceTimeOf(timing.value, tenantZone), now, rule, expiry.value);
}

/** Exactly one of template and inline content; what it is has to serve the channel. */
async function contentOf(
  db: Database,
  { templateId, content, channel }: Values,
  tenantId: number,
): Promise<Checked<InlineContent | null>> {
  if (templateId === undefined || content === undefined) return unread();
  if ((templateId === null) === (content === null)) {
    const message = 'templateId: exactly one of templateId and content must be given';
    return { kind: 'refused', errors: [{ pointer: '/templateId', code: 'field.conflict', message }] };
  }
  if (content !== null) return readInlineContent(content, channel, '/content');
  const template = await findTemplate(db, tenantId, templateId ?? '');
  const reason = !template
    ? 'no template has this id'
    : !template.active || template.archivedAt
      ? 'the template is not active'
      : channel !== undefined && !template.definition.contents[channel]
        ? `the template has no content for the channel ${channel}`
        : null;
  if (reason === null) return { kind: 'ok', value: null };
  const message = `templateId: ${reason}`;
  return { kind: 'refused', errors: [{ pointer: '/templateId', code: 'template.unusable', message }] };
}
