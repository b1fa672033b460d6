import { isBuiltInField } from '../domain/audience/condition';
import type {
  AttributeCondition,
  AudienceScalar,
  BuiltInField,
  ResolvedAudience,
} from '../domain/audience/condition';
import { instantOfText } from '../domain/audience/instant-text';
import { comparedTo, instantComparison, numberComparison } from './audience-comparison';
import type { SqlParameters } from './sql-parameters';

/**
 * Compiles a condition to one predicate over `recipient r join tenant t`, true or false and never null, with the
 * meaning of `domain/audience/evaluate.ts`. Whatever came from a user, attribute names included, travels as a
 * parameter: the text is made of the fixed pieces below alone.
 */
export function audiencePredicate(condition: ResolvedAudience, parameters: SqlParameters): string {
  switch (condition.kind) {
    case 'everyone':
      return 'true';
    case 'all':
      return joined(
        condition.of.toSorted((a, b) => rank(a) - rank(b)),
        'and',
        parameters,
      );
    case 'any':
      return joined(condition.of, 'or', parameters);
    case 'not':
      return `not (${audiencePredicate(condition.of, parameters)})`;
    case 'recipients':
      return peoplePredicate([], condition.ids, parameters);
    case 'people':
      return peoplePredicate(condition.rids, condition.ids, parameters);
    case 'attribute':
      return isBuiltInField(condition.attribute)
        ? builtInPredicate(condition.attribute, condition, parameters)
        : attributePredicate(condition, parameters);
  }
}

/**
 * The same predicate for people who are looked at one after the other: asked part by part as written, and by no index.
 * Postgres orders bare parts by what it believes that they cost, and looks none up behind `is true`.
 */
export function walkedPredicate(condition: ResolvedAudience, parameters: SqlParameters): string {
  return `(${audiencePredicate(condition, parameters)}) is true`;
}

/** Parts of which all must hold are asked in this order: the cheap ones first, and last those that refuse few. */
function rank(condition: ResolvedAudience): number {
  switch (condition.kind) {
    case 'everyone':
    case 'recipients':
    case 'people':
      return 0;
    case 'all':
    case 'any':
      return Math.max(...condition.of.map(rank));
    case 'not':
      return 4;
    case 'attribute':
      switch (condition.op) {
        case 'equals':
        case 'in':
          return 1;
        case 'before':
        case 'after':
        case 'gte':
        case 'lte':
          return typeof condition.value === 'number' ? 2 : 3;
        case 'not':
        case 'exists':
          return 4;
      }
  }
}

/**
 * Served by recipient_pkey and recipient_tenant_id_external_id_key. The own id of somebody who was erased is null:
 * saying so first keeps the answer from being null, and the comparison by itself, where the index sees it.
 */
function peoplePredicate(rids: readonly string[], ids: readonly string[], parameters: SqlParameters): string {
  const parts = [
    ...(rids.length > 0 || ids.length === 0 ? [`r.rid = any(${parameters.add(rids, 'bigint[]')})`] : []),
    ...(ids.length > 0
      ? [`(r.external_id is not null and r.external_id = any(${parameters.add(ids, 'text[]')}))`]
      : []),
  ];
  return `(${parts.join(' or ')})`;
}

function joined(of: ResolvedAudience[], word: 'and' | 'or', parameters: SqlParameters): string {
  return `(${of.map((part) => audiencePredicate(part, parameters)).join(` ${word} `)})`;
}

function attributePredicate(condition: AttributeCondition, parameters: SqlParameters): string {
  const { attribute } = condition;
  switch (condition.op) {
    case 'equals':
      return contains(attribute, [condition.value], parameters);
    case 'not':
      return `not ${contains(attribute, [condition.value], parameters)}`;
    case 'in':
      return contains(attribute, condition.value, parameters);
    case 'exists': {
      const name = parameters.add(attribute, 'text');
      const type = `coalesce(jsonb_typeof(r.attributes -> ${name}), 'null')`;
      return `(${type} ${condition.value ? '<>' : '='} 'null')`;
    }
    case 'before':
    case 'after':
    case 'gte':
    case 'lte': {
      return typeof condition.value === 'number'
        ? numberComparison(attribute, condition.op, condition.value, parameters)
        : instantComparison(attribute, condition.op, condition.value, parameters);
    }
  }
}

/**
 * Equality is containment, served by recipient_attributes_idx: the attribute is the value, or a list with it in.
 */
function contains(attribute: string, values: readonly AudienceScalar[], parameters: SqlParameters): string {
  const documents = values.flatMap((value) => [
    JSON.stringify({ [attribute]: value }),
    JSON.stringify({ [attribute]: [value] }),
  ]);
  return `(r.attributes @> any(${parameters.add(documents, 'jsonb[]')}))`;
}

function builtInPredicate(
  field: BuiltInField,
  condition: AttributeCondition,
  parameters: SqlParameters,
): string {
  switch (condition.op) {
    case 'equals':
      return among(field, [condition.value], parameters);
    case 'not':
      return `not ${among(field, [condition.value], parameters)}`;
    case 'in':
      return among(field, condition.value, parameters);
    case 'exists':
      return `(${COLUMNS[field]} is ${condition.value ? 'not null' : 'null'})`;
    case 'before':
    case 'after':
    case 'gte':
    case 'lte': {
      const at = typeof condition.value === 'string' ? instantOfText(condition.value) : condition.value;
      return `(${comparedTo(COLUMNS[field], condition.op, at ?? Number.NaN, parameters)})`;
    }
  }
}

const COLUMNS: Record<BuiltInField, string> = {
  id: 'r.external_id',
  locale: 'lower(r.locale)',
  timeZone: 'coalesce(r.zone, t.default_time_zone)',
  email: 'r.email',
  phone: 'r.phone',
  createdAt: 'r.created_at',
};

function among(field: BuiltInField, values: readonly AudienceScalar[], parameters: SqlParameters): string {
  const wanted = values.map((value) => (field === 'locale' ? String(value).toLowerCase() : String(value)));
  if (field === 'id') return peoplePredicate([], wanted, parameters);
  return `coalesce(${COLUMNS[field]} = any(${parameters.add(wanted, 'text[]')}), false)`;
}
