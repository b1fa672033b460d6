import type { ComparisonOp } from '../domain/audience/condition';
import { INSTANT_PATTERN, instantOfText } from '../domain/audience/instant-text';
import { DAY, formatInstant } from '../domain/time/instant';
import type { Instant } from '../domain/time/instant';
import type { SqlParameters } from './sql-parameters';

const SYMBOLS: Record<ComparisonOp, string> = { before: '<', after: '>', gte: '>=', lte: '<=' };

/**
 * An attribute of `recipient r` that is a number and compares so; false for anything else. A strict JSON path takes no
 * element of a list for the list, and is half the work of casting the attribute.
 */
export function numberComparison(
  attribute: string,
  op: ComparisonOp,
  bound: number,
  parameters: SqlParameters,
): string {
  const path = `strict $.${JSON.stringify(attribute)} ? (@ ${SYMBOLS[op]} ${String(bound)})`;
  return `coalesce(r.attributes @? ${parameters.add(path, 'jsonpath')}, false)`;
}

/**
 * An attribute of `recipient r` that is the text of an instant and compares so; false for anything else. `case` fixes
 * the order of evaluation: what is cheap decides first, and a cast never meets a text that it would choke on. Nothing
 * but a text reads like one, so nobody asks for the type.
 */
export function instantComparison(
  attribute: string,
  op: ComparisonOp,
  bound: string,
  parameters: SqlParameters,
): string {
  const at = instantOfText(bound) ?? Number.NaN;
  const value = `(r.attributes ->> ${parameters.add(attribute, 'text')})`;
  return (
    `(case when ${value} like '____-__-__' then ${dateComparison(value, op, at, parameters)} ` +
    `else ${timeComparison(value, op, at, parameters)} end)`
  );
}

const MONTHS = Array.from({ length: 12 }, (_, month) => `-${String(month + 1).padStart(2, '0')}-`);

/**
 * Of texts that are shaped like a date alone, the most usual: midnights in UTC compare as their texts. What is left
 * without the digits at both ends is the month, if all the rest are digits: a third of the cost of a regular expression.
 */
function dateComparison(value: string, op: ComparisonOp, at: Instant, parameters: SqlParameters): string {
  return (
    `(${againstMidnight(value, op, at, parameters)} ` +
    `and btrim(${value}, '0123456789') = any(${parameters.add(MONTHS, 'text[]')}) ` +
    `and pg_input_is_valid(${value}, 'date'))`
  );
}

/** The first midnight that is not before a bound decides for all: dates are before it, or not. */
function againstMidnight(value: string, op: ComparisonOp, at: Instant, parameters: SqlParameters): string {
  const first = op === 'before' || op === 'gte' ? at : at + 1;
  const midnight = Math.ceil(first / DAY) * DAY;
  const isBelow = op === 'before' || op === 'lte';
  if (midnight > LAST_DAY) return isBelow ? 'true' : 'false';
  return `${value} collate "C" ${isBelow ? '<' : '>='} ${parameters.add(dateText(midnight), 'text')}`;
}

function timeComparison(value: string, op: ComparisonOp, at: Instant, parameters: SqlParameters): string {
  const read =
    `(${value} || case when right(${value}, 1) = 'Z' ` +
    `or substr(${value}, length(${value}) - 5, 1) in ('+', '-') then '' else 'Z' end)`;
  return (
    `(case when ${roughly(value, op, at, parameters)} ` +
    `and ${value} ~ ${parameters.add(INSTANT_PATTERN, 'text')} ` +
    `and pg_input_is_valid(${read}, 'timestamptz') ` +
    `then ${comparedTo(`${read}::timestamptz`, op, at, parameters)} else false end)`
  );
}

/** Compares a `timestamptz` with an instant in whole milliseconds, as instants are counted in `domain/`. */
export function comparedTo(value: string, op: ComparisonOp, at: Instant, parameters: SqlParameters): string {
  const instant = (millis: Instant): string =>
    `timestamptz 'epoch' + ${parameters.add(millis, 'bigint')} * interval '1 millisecond'`;
  switch (op) {
    case 'before':
      return `${value} < ${instant(at)}`;
    case 'gte':
      return `${value} >= ${instant(at)}`;
    // What lies below a millisecond is cut.
    case 'after':
      return `${value} >= ${instant(at + 1)}`;
    case 'lte':
      return `${value} < ${instant(at + 1)}`;
  }
}

/** Written dates are within a day of the instant in UTC: further away the text decides, at a tenth of the cost. */
function roughly(value: string, op: ComparisonOp, at: Instant, parameters: SqlParameters): string {
  const date = (instant: Instant): string => parameters.add(dateText(instant), 'text');
  switch (op) {
    case 'before':
    case 'lte':
      return at + 2 * DAY >= LAST_DAY ? 'true' : `${value} collate "C" < ${date(at + 2 * DAY)}`;
    case 'after':
    case 'gte':
      return at - 2 * DAY < FIRST_DAY ? 'true' : `${value} collate "C" >= ${date(at - 2 * DAY)}`;
  }
}

function dateText(instant: Instant): string {
  return formatInstant(instant).slice(0, 'YYYY-MM-DD'.length);
}

/** The days between which texts can be compared: years have four digits, and begin with 0001. */
const FIRST_DAY = Date.parse('0001-01-01T00:00:00Z');
const LAST_DAY = Date.parse('9999-12-31T00:00:00Z');
