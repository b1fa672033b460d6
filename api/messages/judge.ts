import { sourceOf } from '../../domain/content/needs';
import { scopeOf } from '../../domain/content/scope';
import { missingVariables } from '../../domain/content/variables';
import type { FieldError } from '../../domain/field-error';
import { admitDue, dueOf, expiryOf } from '../../domain/messages/due';
import type { MessageDue } from '../../domain/messages/due';
import type { Instant } from '../../domain/time/instant';
import type { Zones } from '../../domain/time/zones';
import type { Checked } from '../../domain/validation/check';
import type { Addressee } from '../../store/messages/people';
import type { TemplateStanding } from '../../store/messages/templates';
import { refusal } from './read';
import type { WantedMessage } from './read';

/** A message that may be accepted. */
export interface JudgedMessage {
  readonly wanted: WantedMessage;
  readonly person: Addressee;
  /** The zone in which its time was read. */
  readonly zone: string;
  readonly due: MessageDue;
  readonly expiresAt: Instant;
}

/** What a message is judged by. */
export interface Circumstances {
  readonly zones: Zones;
  /** Of people whose own zone the data do not have. */
  readonly tenantZone: string;
  readonly person: Addressee | null;
  /** Undefined when there is none with the id, or the message wants none. */
  readonly template: TemplateStanding | undefined;
  /** Its time as it was accepted earlier, which is not judged again; null when the message says it. */
  readonly kept: MessageDue | null;
  readonly now: Instant;
}

/** Holds a message against its person, its template and the clock, and names everything that is wrong at once. */
export function judgeMessage(
  wanted: WantedMessage,
  { zones, tenantZone, person, template, kept, now }: Circumstances,
): Checked<JudgedMessage> {
  if (person === null) {
    return refusal(
      '/recipient',
      'reference.unknown',
      'nobody has this id: create the recipient with PUT first',
    );
  }
  const zone = zones.has(person.zone) ? person.zone : tenantZone;
  const due = kept ?? dueOf(zones, wanted.time, zone, now);
  const expiresAt = expiryOf(due.at, wanted.expiresAt);
  const errors = [
    ...templateErrors(wanted, template),
    ...(kept ? [] : dueErrors(wanted, due.at, now)),
    ...expiryErrors(wanted, due.at, now),
    ...variableErrors(wanted, template, person, due.at <= now),
  ];
  return errors.length > 0
    ? { kind: 'refused', errors }
    : { kind: 'ok', value: { wanted, person, zone, due, expiresAt } };
}

/** Variables without which the message is not sent. */
export function requiredVariablesOf(
  { content }: Pick<WantedMessage, 'content'>,
  template: TemplateStanding | undefined,
): readonly string[] {
  return content?.requiredVariables ?? template?.requiredVariables ?? [];
}

function templateErrors(
  { templateId, channel }: WantedMessage,
  template: TemplateStanding | undefined,
): readonly FieldError[] {
  if (templateId === null) return [];
  const reason = !template
    ? 'no template has this id'
    : !template.active
      ? 'the template is not active'
      : !template.channels.has(channel)
        ? `the template has no content for the channel ${channel}`
        : null;
  return reason === null ? [] : errorsOf('/templateId', 'template.unusable', reason);
}

function dueErrors({ time, timeField }: WantedMessage, due: Instant, now: Instant): readonly FieldError[] {
  const admitted = admitDue(due, now);
  if (time.kind === 'now' || admitted.kind === 'ok') return [];
  return errorsOf(`/${timeField}`, due < now ? 'time.past' : 'time.invalid', admitted.reason);
}

function expiryErrors({ expiresAt }: WantedMessage, due: Instant, now: Instant): readonly FieldError[] {
  if (expiresAt === null || expiresAt > Math.max(due, now)) return [];
  return errorsOf(
    '/expiresAt',
    'field.conflict',
    'must be later than the instant at which the message is due',
  );
}

/** Of what is sent later only the data are known: the person's attributes may change until then. */
function variableErrors(
  wanted: WantedMessage,
  template: TemplateStanding | undefined,
  person: Addressee,
  dueNow: boolean,
): readonly FieldError[] {
  const required = requiredVariablesOf(wanted, template);
  const missing = dueNow
    ? missingVariables(required, scopeOf(wanted.data, person.attributes))
    : required.filter((name) => sourceOf(name, wanted.data) === 'nobody');
  return [...new Set(missing)].flatMap((name) =>
    errorsOf(
      '/data',
      'variable.missing',
      `needs a value for ${name}, which neither data nor the recipient has`,
    ),
  );
}

function errorsOf(...error: Parameters<typeof refusal>): readonly FieldError[] {
  const refused = refusal(...error);
  return refused.kind === 'refused' ? refused.errors : [];
}
