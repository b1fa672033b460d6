import { pointTo } from '../field-error';
import type { FieldError } from '../field-error';
import { isNamelessComparison, parseComparison, takeLeaf } from './leaf';
import { AUDIENCE_LIMITS } from './condition';
import type { AttributeCondition, AudienceCondition } from './condition';
import { isObject, isPlainText } from './text';

export type ParsedAudience =
  | { readonly kind: 'ok'; readonly condition: AudienceCondition; readonly mentions: Mentions }
  | { readonly kind: 'refused'; readonly errors: readonly FieldError[] };

/** What a query names: people by their own ids, segments and time zones with the place where it does. */
export interface Mentions {
  readonly recipients: readonly string[];
  readonly segments: readonly Mention[];
  readonly zones: readonly Mention[];
}

export interface Mention {
  readonly id: string;
  readonly pointer: string;
}

/** What one reading gathers: every error, and how many conditions and ids were seen so far. */
interface Reading {
  /** What messages call the query as a whole. */
  readonly field: string;
  readonly errors: FieldError[];
  readonly mentions: { recipients: string[]; segments: Mention[]; zones: Mention[] };
  conditions: number;
  recipients: number;
}

const EVERYONE: AudienceCondition = { kind: 'everyone' };

const STRUCTURES = ['all', 'any', 'not', 'recipients', 'segment', 'attribute'] as const;

/**
 * Reads an `audienceQuery` (contract.md) into its canonical form; null and `{}` are everybody. All that is wrong
 * is reported at once; pointers start at the query itself, so `/all/0/op` is the operator of its first part.
 */
export function parseAudienceQuery(query: unknown, field = 'audienceQuery'): ParsedAudience {
  const reading: Reading = {
    field,
    errors: [],
    mentions: { recipients: [], segments: [], zones: [] },
    conditions: 0,
    recipients: 0,
  };
  const condition = query === null ? EVERYONE : read(query, '', 1, reading);
  if (reading.conditions > AUDIENCE_LIMITS.conditions) {
    refuse(
      reading,
      '',
      'field.too-long',
      `has ${reading.conditions} conditions: at most ${AUDIENCE_LIMITS.conditions} are read`,
    );
  }
  if (reading.recipients > AUDIENCE_LIMITS.recipients) {
    refuse(
      reading,
      '',
      'field.too-long',
      `names ${reading.recipients} recipients: at most ${AUDIENCE_LIMITS.recipients} fit in one query`,
    );
  }
  const { errors, mentions } = reading;
  return errors.length > 0 ? { kind: 'refused', errors } : { kind: 'ok', condition, mentions };
}

function read(query: unknown, pointer: string, depth: number, reading: Reading): AudienceCondition {
  if (!isObject(query)) {
    return refuse(reading, pointer, 'field.type', 'must be an object such as { "plan": "premium" }');
  }
  if (depth > AUDIENCE_LIMITS.depth) {
    return refuse(
      reading,
      pointer,
      'field.too-deep',
      `is nested deeper than ${AUDIENCE_LIMITS.depth} levels: flatten it`,
    );
  }
  const structure = STRUCTURES.find((key) => Object.hasOwn(query, key));
  if (structure === undefined) return readFlat(query, pointer, reading);
  if (structure === 'attribute') return readComparison(query, pointer, reading);
  const others = Object.keys(query).filter((key) => key !== structure);
  for (const key of others) {
    refuse(
      reading,
      pointTo(pointer, key),
      'field.unknown',
      `cannot stand beside "${structure}": put both into an "all" list`,
    );
  }
  const value: unknown = Reflect.get(query, structure);
  const at = pointTo(pointer, structure);
  switch (structure) {
    case 'all':
    case 'any':
      return { kind: structure, of: readList(value, at, depth, reading) };
    case 'not':
      return { kind: 'not', of: read(value, at, depth + 1, reading) };
    case 'recipients':
      return { kind: 'recipients', ids: readIds(value, at, reading) };
    case 'segment':
      return readSegment(value, at, reading);
  }
}

/** A flat object: every key must match, suffixes name the operator. */
function readFlat(query: object, pointer: string, reading: Reading): AudienceCondition {
  if (isNamelessComparison(query)) {
    const stray = Object.keys(query).find((key) => key !== 'op' && key !== 'value') ?? '';
    const fix = 'cannot stand beside "op" and "value": what they compare is called "attribute"';
    return refuse(reading, pointTo(pointer, stray), 'field.unknown', fix);
  }
  const keys = Object.entries(query);
  const conditions = keys.map(([key, value]): AudienceCondition => {
    reading.conditions += 1;
    const leaf = takeLeaf(key, value);
    return leaf.kind === 'refused'
      ? refuse(reading, pointTo(pointer, key), leaf.code, leaf.message)
      : noted(leaf.condition, pointTo(pointer, key), reading);
  });
  const [first, ...rest] = conditions;
  if (first === undefined) return { kind: 'everyone' };
  return rest.length === 0 ? first : { kind: 'all', of: conditions };
}

function readComparison(query: object, pointer: string, reading: Reading): AudienceCondition {
  reading.conditions += 1;
  const leaf = parseComparison(query);
  if (leaf.kind === 'ok') return noted(leaf.condition, pointTo(pointer, 'value'), reading);
  return refuse(reading, pointTo(pointer, leaf.field), leaf.code, leaf.message);
}

function readList(value: unknown, pointer: string, depth: number, reading: Reading): AudienceCondition[] {
  if (!Array.isArray(value) || value.length === 0) {
    refuse(reading, pointer, 'field.type', 'must be a list of at least one condition');
    return [];
  }
  // A list longer than the limit is refused as a whole: reading on would only repeat that.
  const parts: unknown[] = value.slice(0, AUDIENCE_LIMITS.conditions + 1);
  reading.conditions += value.length - parts.length;
  return parts.map((part, index) => read(part, pointTo(pointer, index), depth + 1, reading));
}

function readIds(value: unknown, pointer: string, reading: Reading): string[] {
  reading.conditions += 1;
  if (!Array.isArray(value) || value.length === 0) {
    refuse(reading, pointer, 'field.type', 'must be a list of at least one recipient id');
    return [];
  }
  reading.recipients += value.length;
  if (value.length > AUDIENCE_LIMITS.recipients) return [];
  const ids = new Set<string>();
  value.forEach((id: unknown, index) => {
    if (isId(id)) ids.add(id);
    else {
      refuse(
        reading,
        pointTo(pointer, index),
        'field.type',
        `must be a recipient id: a text of 1-${AUDIENCE_LIMITS.nameLength} characters`,
      );
    }
  });
  reading.mentions.recipients.push(...ids);
  return [...ids];
}

function readSegment(value: unknown, pointer: string, reading: Reading): AudienceCondition {
  reading.conditions += 1;
  if (!isId(value)) return refuse(reading, pointer, 'field.type', 'must be the id of a segment');
  reading.mentions.segments.push({ id: value, pointer });
  return { kind: 'segment', id: value };
}

function isId(value: unknown): value is string {
  return isPlainText(value, AUDIENCE_LIMITS.nameLength) && value !== '';
}

/**
 * A comparison of the person's own id names people as a list does, one of the zone names zones.
 * @param pointer of what it compares with.
 */
function noted(condition: AttributeCondition, pointer: string, reading: Reading): AudienceCondition {
  const { attribute, value } = condition;
  if (attribute === 'id') reading.mentions.recipients.push(...[value].flat().map(String));
  if (attribute === 'timeZone') {
    const zones = Array.isArray(value)
      ? value.map((zone, index) => ({ id: String(zone), pointer: pointTo(pointer, index) }))
      : [{ id: String(value), pointer }];
    reading.mentions.zones.push(...zones);
  }
  return condition;
}

/** Notes what is wrong and gives a stand-in, which never leaves: a query with errors has no condition. */
function refuse(reading: Reading, pointer: string, code: string, fix: string): AudienceCondition {
  const field = pointer === '' ? reading.field : (pointer.split('/').at(-1) ?? pointer);
  reading.errors.push({
    pointer,
    code,
    message: `${field.replaceAll('~1', '/').replaceAll('~0', '~')}: ${fix}`,
  });
  return EVERYONE;
}
