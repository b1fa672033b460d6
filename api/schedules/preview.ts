import { z } from 'zod';
import { canonicalAudienceQuery } from '../../domain/audience/canonical';
import type { AudienceCondition } from '../../domain/audience/condition';
import type { FieldError } from '../../domain/field-error';
import { placeOnce } from '../../domain/once/plan';
import type { OnceTime } from '../../domain/once/plan';
import { nominalOf, onceTimeOf } from '../../domain/schedule/once-time';
import { formatInstant, parseInstant } from '../../domain/time/instant';
import type { Instant } from '../../domain/time/instant';
import { formatOffset } from '../../domain/time/offset';
import { formatWallTime } from '../../domain/time/wall-time';
import type { Zones } from '../../domain/time/zones';
import { countByZone } from '../../store/audience';
import { zonesOfRecipients } from '../../store/recipients';
import { resolveAudience } from '../../store/segments';
import { readAudience } from '../audience/read';
import { readInlineContent } from '../content/inline';
import { instant } from '../../domain/validation/fields';
import type { Caller } from '../http/route';
import { because, checkFields } from '../../domain/validation/check';
import type { Checked } from '../../domain/validation/check';
import { zoneNames } from '../../domain/validation/zone-name';
import { recipientId } from '../../domain/recipient/body';
import { previewedScheduleSchema } from './schema';
import { readTiming } from './timing';
import { warningsOf, warningsView } from './warnings';
import type { Warning } from './warnings';
import { previewAnswer } from './example';

const from = z
  .string()
  .transform((text, context): Instant => {
    const parsed = parseInstant(text);
    if (parsed.kind === 'ok') return parsed.value;
    context.addIssue({ code: 'custom', ...because('time.invalid', parsed.reason) });
    return z.NEVER;
  })
  .meta({ description: 'Only what is due after this instant; all of it when absent.', format: 'date-time' });

export function previewBodySchema(zones: Zones) {
  return z
    .strictObject({
      schedule: previewedScheduleSchema(zones),
      from: from.nullish(),
      count: z
        .int()
        .min(1)
        .max(100)
        .default(5)
        .meta({ description: 'How many sends a zone to show at most.' }),
      zones: zoneNames(zones, 1_000)
        .nullish()
        .meta({ description: 'Zones to show instead of those of the audience.' }),
      recipients: z
        .array(recipientId)
        .max(1_000)
        .nullish()
        .meta({ description: 'Recipients whose zones to show instead of those of the audience.' }),
    })
    .meta({ id: 'PreviewBody' });
}

const wallTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);

export const previewView = z
  .strictObject({
    zones: z.array(
      z.strictObject({
        zone: z.string(),
        sends: z.array(
          z.strictObject({
            local: wallTime.meta({ description: "What the person's clock shows at `at`." }),
            at: instant,
            offset: z.string().meta({ description: 'From UTC, at that instant.' }),
            nominal: z.string().meta({ description: 'What was asked for; it names the occurrence.' }),
            adjusted: z.enum(['gap', 'overlap']).nullable(),
          }),
        ),
        skipped: z.array(z.strictObject({ nominal: z.string(), reason: z.string() })),
      }),
    ),
    audience: z.strictObject({ total: z.int(), byZone: z.record(z.string(), z.int()) }),
    audienceQuery: z
      .record(z.string(), z.unknown())
      .meta({ description: 'The query in its canonical form.' }),
    warnings: warningsView,
    conflicts: z.array(z.never()),
  })
  .meta({ id: 'Preview', examples: [previewAnswer] });

export type Preview = z.input<typeof previewView>;

/** What a schedule would do, without doing any of it. */
export async function preview(
  zones: Zones,
  document: unknown,
  caller: Caller,
  now: Instant,
): Promise<Checked<Preview>> {
  const {
    db,
    principal: { tenantId, tenantZone },
  } = caller;
  const request = checkFields(previewBodySchema(zones), document);
  const schedule = checkFields(previewedScheduleSchema(zones), scheduleOf(document), '/schedule');
  const timing = readTiming(zones, schedule, tenantZone, now, '/schedule');
  const audience = await readAudience(
    zones,
    schedule.values.audienceQuery ?? {},
    caller,
    '/schedule/audienceQuery',
  );
  const { recipients, zones: givenZones } = request.values;
  const people = await zonesOfRecipients(db, tenantId, recipients ?? []);
  const errors = [
    ...request.errors,
    ...(timing.kind === 'refused' ? timing.errors : []),
    ...(audience.kind === 'refused' ? audience.errors : []),
    ...unknownRecipients(recipients ?? [], people),
  ];
  if (errors.length > 0 || timing.kind === 'refused' || audience.kind === 'refused') {
    return { kind: 'refused', errors };
  }
  const { total, byZone } = await countByZone(
    db,
    tenantId,
    await resolveAudience(db, tenantId, audience.value.condition),
  );
  const asked =
    givenZones || recipients ? [...(givenZones ?? []), ...people.values()] : byZone.map(({ zone }) => zone);
  const time = onceTimeOf(timing.value, tenantZone);
  const nominal = nominalOf(timing.value);
  return {
    kind: 'ok',
    value: {
      zones: [...new Set(asked)].map((zone) =>
        zonePreview(zones, time, zone, nominal, request.values.from ?? null),
      ),
      audience: { total, byZone: Object.fromEntries(byZone.map(({ zone, people: count }) => [zone, count])) },
      audienceQuery: canonicalAudienceQuery(audience.value.canonical),
      warnings: await warningsForPreview(caller, schedule.values, audience.value.condition),
      conflicts: [],
    },
  };
}

/** Content may be left out here; what is wrong with it is creating's business. */
async function warningsForPreview(
  caller: Caller,
  {
    channel,
    fallbackChannels = [],
    content,
    templateId = null,
    data = {},
  }: Partial<z.output<ReturnType<typeof previewedScheduleSchema>>>,
  audience: AudienceCondition,
): Promise<Warning[]> {
  if (!channel) return [];
  const words = content ? readInlineContent(content, channel, '') : null;
  if (words?.kind === 'refused') return [];
  const sendout = { channel, fallbackChannels, templateId, data, audience };
  const previewed = { ...sendout, content: words?.value ?? null };
  return warningsOf(caller, previewed, 'everybody');
}

function scheduleOf(document: unknown): unknown {
  return typeof document === 'object' && document !== null ? Reflect.get(document, 'schedule') : undefined;
}

function zonePreview(
  zones: Zones,
  time: OnceTime,
  zone: string,
  nominal: string,
  after: Instant | null,
): Preview['zones'][number] {
  const placed = placeOnce(zones, time, zone);
  if (after !== null && placed.at <= after) return { zone, sends: [], skipped: [] };
  if (placed.kind === 'skipped') return { zone, sends: [], skipped: [{ nominal, reason: placed.reason }] };
  const send = {
    local: formatWallTime(zones.wallTimeAt(zone, placed.at)),
    at: formatInstant(placed.at),
    offset: formatOffset(zones.offsetAt(zone, placed.at)),
    nominal,
    adjusted: placed.adjusted,
  };
  return { zone, sends: [send], skipped: [] };
}

function unknownRecipients(ids: readonly string[], people: ReadonlyMap<string, string>): FieldError[] {
  return ids.flatMap((id, index) =>
    people.has(id)
      ? []
      : [
          {
            pointer: `/recipients/${index}`,
            code: 'reference.unknown',
            message: `recipients.${index}: no recipient has this id`,
          },
        ],
  );
}
