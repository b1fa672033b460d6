import { isBuiltInField } from '../domain/audience/condition';
import type {
  AttributeCondition,
  AudienceScalar,
  BuiltInField,
  ComparisonOp,
  ResolvedAudience,
} from '../domain/audience/condition';
import { INSTANT_PATTERN, instantOfText } from '../domain/audience/instant-text';
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
      return joined(condition.of, 'and', parameters);
    case 'any':
      return joined(condition.of, 'or', parameters);
    case 'not':
      return `not (${audiencePredicate(condition.of, parameters)})`;
    case 'recipients':
      return `coalesce(r.external_id = any(${parameters.add(condition.ids, 'text[]')}), false)`;
    case 'people':
      return peoplePredicate(condition.rids, condition.ids, parameters);
    case 'attribute':
      return isBuiltInField(condition.attribute)
        ? builtInPredicate(condition.attribute, condition, parameters)
        : attributePredicate(condition, parameters);
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
      const name = parameters.add(attribute, 'text');
      return typeof condition.value === 'number'
        ? numberComparison(name, condition.op, condition.value, parameters)
        : instantComparison(name, condition.op, condition.value, parameters);
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

const SYMBOLS: Record<ComparisonOp, string> = { before: '<', after: '>', gte: '>=', lte: '<=' };

// `case` fixes the order of evaluation, so that a cast never meets a text it would choke on.
function numberComparison(name: string, op: ComparisonOp, bound: number, parameters: SqlParameters): string {
  const value = `r.attributes ->> ${name}`;
  return (
    `(case when jsonb_typeof(r.attributes -> ${name}) = 'number' ` +
    `then (${value})::numeric ${SYMBOLS[op]} ${parameters.add(String(bound), 'numeric')} else false end)`
  );
}

function instantComparison(name: string, op: ComparisonOp, bound: string, parameters: SqlParameters): string {
  const value = `r.attributes ->> ${name}`;
  const pattern = parameters.add(INSTANT_PATTERN, 'text');
  const read =
    `(${value}) || case when length(${value}) = 10 then 'T00:00Z' ` +
    `when ${value} ~ '(Z|[+-][0-9]{2}:[0-9]{2})$' then '' else 'Z' end`;
  return (
    `(case when jsonb_typeof(r.attributes -> ${name}) = 'string' and ${value} ~ ${pattern} ` +
    `and pg_input_is_valid(${read}, 'timestamptz') ` +
    `then ${millis(`(${read})::timestamptz`)} ${SYMBOLS[op]} ${parameters.add(instantOfText(bound), 'bigint')} else false end)`
  );
}

/** Whole milliseconds of an instant, as instants are counted in `domain/`. */
function millis(instant: string): string {
  return `floor(extract(epoch from ${instant}) * 1000)::bigint`;
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
      return `(${millis(COLUMNS[field])} ${SYMBOLS[condition.op]} ${parameters.add(at, 'bigint')})`;
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
  return `coalesce(${COLUMNS[field]} = any(${parameters.add(wanted, 'text[]')}), false)`;
}
