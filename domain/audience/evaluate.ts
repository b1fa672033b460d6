import type { Instant } from '../time/instant';
import { isBuiltInField } from './condition';
import type {
  AttributeCondition,
  AudienceScalar,
  BuiltInField,
  ComparisonOp,
  ResolvedAudience,
} from './condition';
import { instantOfText } from './instant-text';

/** What conditions can ask of a person. */
export interface AudiencePerson {
  /** Row id, a decimal string. */
  rid: string;
  id: string;
  locale: string | null;
  /** The zone that counts (semantics.md "Whose time"). */
  timeZone: string;
  hasEmail: boolean;
  hasPhone: boolean;
  createdAt: Instant;
  attributes: Readonly<Record<string, unknown>>;
}

/** Whether a person belongs to an audience: the meaning that `store/audience.ts` compiles to SQL. */
export function matchesAudience(condition: ResolvedAudience, person: AudiencePerson): boolean {
  switch (condition.kind) {
    case 'everyone':
      return true;
    case 'all':
      return condition.of.every((part) => matchesAudience(part, person));
    case 'any':
      return condition.of.some((part) => matchesAudience(part, person));
    case 'not':
      return !matchesAudience(condition.of, person);
    case 'recipients':
      return condition.ids.includes(person.id);
    case 'people':
      return condition.rids.includes(person.rid) || condition.ids.includes(person.id);
    case 'attribute':
      return isBuiltInField(condition.attribute)
        ? satisfies(condition, builtIn(condition.attribute, person))
        : satisfies(condition, ownValue(person.attributes, condition.attribute));
  }
}

function satisfies(condition: AttributeCondition, found: unknown): boolean {
  const value = condition.attribute === 'locale' && typeof found === 'string' ? found.toLowerCase() : found;
  switch (condition.op) {
    case 'equals':
      return equals(value, folded(condition.attribute, condition.value));
    case 'not':
      return !equals(value, folded(condition.attribute, condition.value));
    case 'in':
      return condition.value.some((wanted) => equals(value, folded(condition.attribute, wanted)));
    case 'exists':
      return (value !== undefined && value !== null) === condition.value;
    case 'before':
    case 'after':
    case 'gte':
    case 'lte':
      return compares(condition.op, value, condition.value);
  }
}

/** Locales compare without regard to case, as BCP 47 section 2.1.1 has it. */
function folded(attribute: string, wanted: AudienceScalar): AudienceScalar {
  return attribute === 'locale' && typeof wanted === 'string' ? wanted.toLowerCase() : wanted;
}

function equals(found: unknown, wanted: AudienceScalar): boolean {
  return found === wanted || (Array.isArray(found) && found.includes(wanted));
}

function compares(op: ComparisonOp, found: unknown, bound: number | string): boolean {
  const [left, right] =
    typeof bound === 'number'
      ? [typeof found === 'number' ? found : null, bound]
      : [typeof found === 'string' ? instantOfText(found) : null, instantOfText(bound)];
  if (left === null || right === null) return false;
  switch (op) {
    case 'before':
      return left < right;
    case 'after':
      return left > right;
    case 'gte':
      return left >= right;
    case 'lte':
      return left <= right;
  }
}

function builtIn(field: BuiltInField, person: AudiencePerson): unknown {
  switch (field) {
    case 'id':
      return person.id;
    case 'locale':
      return person.locale;
    case 'timeZone':
      return person.timeZone;
    case 'email':
      return person.hasEmail ? true : null;
    case 'phone':
      return person.hasPhone ? true : null;
    case 'createdAt':
      return new Date(person.createdAt).toISOString();
  }
}

/** Inherited properties are nobody's attributes. */
function ownValue(attributes: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}
