import { suggestion } from '../likeness';
import { AUDIENCE_LIMITS, AUDIENCE_OPS } from './condition';
import type { AudienceOp } from './condition';

/** How operators are written elsewhere. */
const SYMBOLS = new Map<string, AudienceOp>([
  ['=', 'equals'],
  ['==', 'equals'],
  ['!=', 'not'],
  ['<>', 'not'],
  ['<', 'before'],
  ['>', 'after'],
  ['>=', 'gte'],
  ['<=', 'lte'],
  ['contains', 'equals'],
]);

/** `; did you mean "gte"?` for an operator that there is not, or nothing. */
export function meantOp(name: unknown): string {
  if (typeof name !== 'string') return '';
  return suggestion(SYMBOLS.get(name.trim()) ?? name, AUDIENCE_OPS);
}

/** What to write instead of a value that `equals` and `not` cannot take. */
export function scalarFix(attribute: string, op: 'equals' | 'not', value: unknown): string {
  if (value === null) return `must not be null: ask "${attribute}Exists": ${op === 'not'}`;
  if (Array.isArray(value)) return `must be one value: ${listFix(attribute, op, value)}`;
  const types = `must be a text of at most ${AUDIENCE_LIMITS.valueLength} characters, a number or a boolean`;
  return typeof value === 'object'
    ? `${types}; an operator is part of the key, as in "${attribute}Gte": 3`
    : types;
}

function listFix(attribute: string, op: 'equals' | 'not', values: readonly unknown[]): string {
  if (values.some((value) => typeof value === 'object')) {
    return 'a list of conditions is called "all" or "any"';
  }
  if (attribute.endsWith('IN')) return `did you mean "${attribute.slice(0, -'IN'.length)}In"?`;
  return op === 'equals'
    ? `"${attribute}In" takes a list`
    : `{ "not": { "${attribute}In": [...] } } takes a list`;
}
