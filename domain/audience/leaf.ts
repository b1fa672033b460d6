import { AUDIENCE_LIMITS, AUDIENCE_OPS, BUILT_IN_FIELDS, isBuiltInField } from './condition';
import type { AttributeCondition, AudienceOp, AudienceScalar } from './condition';
import { isLocaleTag } from '../content/locale';
import { meantOp, scalarFix } from './fixes';
import { instantOfText } from './instant-text';
import { isPlainText } from './text';

export type Leaf =
  | { readonly kind: 'ok'; readonly condition: AttributeCondition }
  | { readonly kind: 'refused'; readonly field: string; readonly code: string; readonly message: string };

const SUFFIXES: readonly (readonly [suffix: string, op: AudienceOp])[] = [
  ['Before', 'before'],
  ['After', 'after'],
  ['Not', 'not'],
  ['In', 'in'],
  ['Gte', 'gte'],
  ['Lte', 'lte'],
  ['Exists', 'exists'],
];

/** One key of a flat query: `lastLoginBefore` compares `lastLogin`, `checkedIn: true` is the attribute `checkedIn`. */
export function takeLeaf(key: string, value: unknown): Leaf {
  const [suffix, op] = SUFFIXES.find(([end]) => key.endsWith(end) && key.length > end.length) ?? [
    '',
    'equals',
  ];
  const takenAsItStands =
    (op === 'in' && !Array.isArray(value)) || (op === 'exists' && typeof value !== 'boolean');
  return takenAsItStands
    ? checked(key, 'equals', value)
    : checked(key.slice(0, key.length - suffix.length), op, value);
}

/** The spelled-out form `{ attribute, op, value }`. */
export function parseComparison(query: object): Leaf {
  const stray = Object.keys(query).find((key) => !['attribute', 'op', 'value'].includes(key));
  if (stray !== undefined) {
    return refused(
      'field.unknown',
      'cannot stand beside "attribute": a comparison has attribute, op and value',
      stray,
    );
  }
  const attribute: unknown = Reflect.get(query, 'attribute');
  if (typeof attribute !== 'string') {
    return refused('field.type', 'must be the name of an attribute', 'attribute');
  }
  const name: unknown = Reflect.get(query, 'op');
  const op = opNamed(name);
  if (op === null) {
    return refused('field.value', `must be one of ${AUDIENCE_OPS.join(', ')}${meantOp(name)}`, 'op');
  }
  return checked(attribute, op, Reflect.get(query, 'value'));
}

/** The same operators as they are called elsewhere. */
const SYNONYMS = new Map<unknown, AudienceOp>([
  ['eq', 'equals'],
  ['ne', 'not'],
  ['lt', 'before'],
  ['gt', 'after'],
]);

function opNamed(name: unknown): AudienceOp | null {
  return AUDIENCE_OPS.find((op) => op === name) ?? SYNONYMS.get(name) ?? null;
}

/**
 * Whether a flat object is a comparison whose attribute is called something else: `{ "field": "plan", "op": "eq",
 * "value": 5 }` would ask for three attributes and find nobody.
 */
export function isNamelessComparison(query: object): boolean {
  const keys = Object.keys(query);
  return (
    keys.length === 3 &&
    keys.includes('op') &&
    keys.includes('value') &&
    opNamed(Reflect.get(query, 'op')) !== null
  );
}

function checked(attribute: string, op: AudienceOp, value: unknown): Leaf {
  if (attribute === '' || !isPlainText(attribute, AUDIENCE_LIMITS.nameLength)) {
    return refused(
      'field.value',
      `must name an attribute in 1-${AUDIENCE_LIMITS.nameLength} characters that Postgres can store`,
      'attribute',
    );
  }
  if (isBuiltInField(attribute)) {
    const ops: readonly AudienceOp[] = BUILT_IN_FIELDS[attribute];
    if (!ops.includes(op)) {
      return refused('field.value', `cannot be asked by "${op}": ${attribute} knows ${ops.join(', ')}`, 'op');
    }
    if (op !== 'exists' && !hasTypeOfField(attribute, value)) {
      return refused(
        'field.type',
        `must be ${attribute === 'createdAt' ? 'an ISO date or instant' : 'text'}`,
      );
    }
    if (attribute === 'locale' && op !== 'exists' && !allLocales(value)) {
      return refused('locale.invalid', 'must be a language tag such as en, de-AT or zh-Hant-TW');
    }
  }
  return withValue(attribute, op, value);
}

function hasTypeOfField(field: string, value: unknown): boolean {
  if (field === 'createdAt') return typeof value === 'string' && instantOfText(value) !== null;
  return (Array.isArray(value) ? value : [value]).every((one) => typeof one === 'string');
}

function allLocales(value: unknown): boolean {
  const tags: unknown[] = Array.isArray(value) ? value : [value];
  return tags.every((tag) => typeof tag === 'string' && isLocaleTag(tag));
}

function withValue(attribute: string, op: AudienceOp, value: unknown): Leaf {
  switch (op) {
    case 'equals':
    case 'not':
      if (isScalar(value)) return { kind: 'ok', condition: { kind: 'attribute', attribute, op, value } };
      return refused('field.type', scalarFix(attribute, op, value));
    case 'in':
      if (
        Array.isArray(value) &&
        value.length > 0 &&
        value.length <= AUDIENCE_LIMITS.inValues &&
        value.every(isScalar)
      ) {
        return {
          kind: 'ok',
          condition: { kind: 'attribute', attribute, op, value: [...new Set<AudienceScalar>(value)] },
        };
      }
      return refused(
        'field.type',
        `must be a list of 1-${AUDIENCE_LIMITS.inValues} texts, numbers or booleans`,
      );
    case 'before':
    case 'after':
    case 'gte':
    case 'lte':
      if (isComparable(value)) return { kind: 'ok', condition: { kind: 'attribute', attribute, op, value } };
      return refused(
        'field.type',
        'must be a number, or an ISO date or instant such as "2026-01-01" or "2026-01-01T09:00:00Z"',
      );
    case 'exists':
      if (typeof value === 'boolean')
        return { kind: 'ok', condition: { kind: 'attribute', attribute, op, value } };
      return refused('field.type', 'must be true or false');
  }
}

function isScalar(value: unknown): value is AudienceScalar {
  return (
    isPlainText(value, AUDIENCE_LIMITS.valueLength) ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

function isComparable(value: unknown): value is number | string {
  return typeof value === 'string'
    ? instantOfText(value) !== null
    : typeof value === 'number' && Number.isFinite(value);
}

function refused(code: string, message: string, field = 'value'): Leaf {
  return { kind: 'refused', field, code, message };
}
