import { parsePosixRule } from './posix-rule';
import { offsetAt, timelineOf } from './timeline';
import type { ZoneRules } from './zone-rules';

/** A zone data file: what `domain/time/data/generate.mjs` writes and `SUNDIAL_ZONE_DATA` names. */
export interface ZoneData {
  /** Release of the tz database, such as `2026f`. */
  readonly version: string;
  readonly zones: Readonly<Record<string, ZoneRules>>;
  /** Further accepted names, each with the zone in `zones` whose rules it has. */
  readonly links: Readonly<Record<string, string>>;
  /** ISO 3166 code to the names of its zones. */
  readonly countries: Readonly<Record<string, readonly string[]>>;
}

/** The data are not zone data; the message names the place and what is wrong there. */
class ZoneDataError extends Error {
  override readonly name = 'ZoneDataError';
}

// RFC 9636 section 3.2 holds offsets between -24:59:59 and +25:59:59.
const LEAST_OFFSET = -89_999;
const GREATEST_OFFSET = 93_599;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9][A-Za-z0-9_+-]*)*$/;

/** Checks data that came from outside, whole; throws `ZoneDataError`. */
export function parseZoneData(data: unknown): ZoneData {
  const root = recordAt(data, 'the zone data');
  refuseOthers(root, ['version', 'zones', 'links', 'countries'], 'the zone data');

  const version = root['version'];
  if (typeof version !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(version)) {
    throw new ZoneDataError('version must be a short text such as "2026f"');
  }

  const zones: Record<string, ZoneRules> = {};
  for (const [name, value] of Object.entries(recordAt(root['zones'], 'zones'))) {
    checkName(name, 'zones');
    zones[name] = zoneRules(value, `zones[${name}]`);
  }
  if (Object.keys(zones).length === 0) throw new ZoneDataError('zones is empty');

  const links: Record<string, string> = {};
  for (const [name, target] of Object.entries(recordAt(root['links'], 'links'))) {
    checkName(name, 'links');
    if (Object.hasOwn(zones, name)) throw new ZoneDataError(`links[${name}] is the name of a zone too`);
    if (typeof target !== 'string' || !Object.hasOwn(zones, target)) {
      throw new ZoneDataError(`links[${name}] must name one of the zones`);
    }
    links[name] = target;
  }

  const countries: Record<string, readonly string[]> = {};
  for (const [code, value] of Object.entries(recordAt(root['countries'], 'countries'))) {
    const place = `countries[${code}]`;
    if (!/^[A-Z]{2}$/.test(code)) throw new ZoneDataError(`${place}: a country is two capital letters`);
    const names = arrayAt(value, place).map((name) => {
      if (typeof name !== 'string' || !(Object.hasOwn(zones, name) || Object.hasOwn(links, name))) {
        throw new ZoneDataError(`${place} must hold names of zones or links only`);
      }
      return name;
    });
    if (names.length === 0) throw new ZoneDataError(`${place} is empty`);
    countries[code] = names;
  }
  return { version, zones, links, countries };
}

function zoneRules(value: unknown, place: string): ZoneRules {
  const record = recordAt(value, place);
  refuseOthers(record, ['first', 'at', 'offset', 'rule'], place);
  const first = offsetValue(record['first'], `${place}.first`);
  const at = arrayAt(record['at'], `${place}.at`).map((time, n) => wholeNumber(time, `${place}.at[${n}]`));
  at.forEach((time, n) => {
    const before = at[n - 1];
    if (before !== undefined && time <= before) throw new ZoneDataError(`${place}.at[${n}] is out of order`);
  });
  const offset = arrayAt(record['offset'], `${place}.offset`).map((item, n) =>
    offsetValue(item, `${place}.offset[${n}]`),
  );
  if (offset.length !== at.length) throw new ZoneDataError(`${place} needs as many offsets as changes`);
  const rule = record['rule'];
  if (typeof rule !== 'string') throw new ZoneDataError(`${place}.rule must be a text`);
  const rules = { first, at, offset, rule };
  checkRule(rules, place);
  return rules;
}

/** The rule has to take over where the list ends, or one instant would have two offsets. */
function checkRule(rules: ZoneRules, place: string): void {
  try {
    parsePosixRule(rules.rule);
  } catch (error) {
    throw new ZoneDataError(`${place}.rule: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  const from = rules.at.at(-1) ?? 0;
  const listed = rules.offset.at(-1) ?? rules.first;
  const ruled = offsetAt(timelineOf({ first: listed, at: [], offset: [], rule: rules.rule }), from);
  if (ruled !== listed) throw new ZoneDataError(`${place}.rule does not continue the last offset`);
}

function checkName(name: string, place: string): void {
  if (!NAME.test(name) || name.length > 64)
    throw new ZoneDataError(`${place}: not a zone name: ${name.slice(0, 80)}`);
}

function recordAt(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ZoneDataError(`${place} must be an object`);
  }
  return Object.fromEntries(Object.entries(value));
}

function arrayAt(value: unknown, place: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ZoneDataError(`${place} must be an array`);
  return value;
}

function refuseOthers(record: Record<string, unknown>, known: readonly string[], place: string): void {
  const other = Object.keys(record).find((key) => !known.includes(key));
  if (other !== undefined) throw new ZoneDataError(`${place} has an unknown field: ${other.slice(0, 80)}`);
}

function wholeNumber(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new ZoneDataError(`${place} must be a whole number of seconds`);
  }
  return value;
}

function offsetValue(value: unknown, place: string): number {
  const offset = wholeNumber(value, place);
  if (offset < LEAST_OFFSET || offset > GREATEST_OFFSET)
    throw new ZoneDataError(`${place} is no offset from UTC`);
  return offset;
}
