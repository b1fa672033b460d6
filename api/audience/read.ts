import { AUDIENCE_LIMITS } from '../../domain/audience/condition';
import type { AudienceCondition } from '../../domain/audience/condition';
import { parseAudienceQuery } from '../../domain/audience/parse';
import type { Mention } from '../../domain/audience/parse';
import { bindPeople } from '../../domain/audience/people';
import { excessOf, segmentsIn } from '../../domain/audience/segments';
import type { Excess } from '../../domain/audience/segments';
import { keepQuery } from '../../domain/audience/written-query';
import type { FieldError } from '../../domain/field-error';
import { ridsOfRecipients } from '../../store/recipient-ids';
import { readSegments, usableSegments } from '../../store/segments';
import type { Zones } from '../../domain/time/zones';
import { fieldOf } from '../../domain/validation/document';
import { unknownZone } from '../../domain/validation/zone-name';
import type { FieldErrorCode } from '../../domain/validation/field-codes';
import type { Caller } from '../http/route';
import type { Checked } from '../../domain/validation/check';

/** A query as it may be stored. */
export interface ReadAudience {
  /** People stand in it by rid, those who do not exist yet by their own id. */
  readonly condition: AudienceCondition;
  /** As it was written, to be shown again; null when only the canonical form can be. */
  readonly query: Record<string, unknown> | null;
  /** As it was written, in its canonical form. */
  readonly canonical: AudienceCondition;
}

/**
 * Reads an audience query, and sees to it that the segments and zones it asks for exist and that it can be asked. People may yet
 * be created: whom a list names is looked for when it is asked.
 * @param pointer of the query from the root of the request.
 */
export async function readAudience(
  zones: Zones,
  query: Record<string, unknown>,
  { db, principal: { tenantId } }: Pick<Caller, 'db' | 'principal'>,
  pointer: string,
): Promise<Checked<ReadAudience>> {
  const field = pointer.split('/').at(-1) ?? 'audienceQuery';
  const parsed = parseAudienceQuery(query, field);
  if (parsed.kind === 'refused') return refused(parsed.errors, pointer);
  const { condition: canonical, mentions } = parsed;

  const usable = await usableSegments(
    db,
    tenantId,
    mentions.segments.map(({ id }) => id),
  );
  const unknown = [...unknownSegments(mentions.segments, usable), ...unknownZones(zones, mentions.zones)];
  if (unknown.length > 0) return refused(unknown, pointer);

  const rids = await ridsOfRecipients(db, tenantId, mentions.recipients);
  const condition = bindPeople(canonical, rids);
  const segments = await readSegments(db, tenantId, segmentsIn(condition));
  const excess = excessOf(condition, segments, null);
  if (excess !== null) return { kind: 'refused', errors: [excessError(excess, pointer)] };
  return {
    kind: 'ok',
    value: { condition, query: keepQuery(query, canonical, rids), canonical },
  };
}

const EXCESS: Record<Excess, readonly [code: FieldErrorCode, reason: string]> = {
  cycle: ['segment.cycle', 'its segments ask for each other in a circle: take one of them out'],
  'too-deep': [
    'field.too-deep',
    `segments stand within each other more than ${AUDIENCE_LIMITS.segmentDepth} deep: flatten them`,
  ],
  'too-large': [
    'field.too-large',
    `with its segments written out it has more than ${AUDIENCE_LIMITS.expandedConditions} conditions or names more ` +
      `than ${AUDIENCE_LIMITS.expandedRecipients} recipients: ask for less`,
  ],
};

/** Why a query cannot be asked. @param who it is that could not, when it is not the query itself. */
export function excessError(excess: Excess, pointer: string, who: string | null = null): FieldError {
  const [code, reason] = EXCESS[excess];
  const field = pointer.split('/').at(-1) ?? '';
  const whose = who === null ? '' : `${who} could not be asked any more: `;
  return { pointer, code, message: `${field}: ${whose}${reason}` };
}

/** Each one costs a look for what was meant among all names there are. */
const MOST_UNKNOWN_ZONES = 3;

function unknownZones(zones: Zones, mentions: readonly Mention[]): FieldError[] {
  return mentions
    .filter(({ id }) => !zones.has(id))
    .slice(0, MOST_UNKNOWN_ZONES)
    .map(({ id, pointer }) => ({
      pointer,
      code: 'zone.unknown',
      message: `${fieldOf(pointer)}: ${unknownZone(zones, id)}`,
    }));
}

function unknownSegments(mentions: readonly Mention[], usable: ReadonlySet<string>): FieldError[] {
  return mentions
    .filter(({ id }) => !usable.has(id))
    .map(({ pointer }) => ({
      pointer,
      code: 'reference.unknown',
      message: `${fieldOf(pointer)}: no segment has this id`,
    }));
}

function refused(errors: readonly FieldError[], base: string): Checked<ReadAudience> {
  return { kind: 'refused', errors: errors.map((error) => ({ ...error, pointer: base + error.pointer })) };
}
