/**
 * Whom a schedule is for: the canonical form of `audienceQuery` (contract.md), which is stored with a schedule
 * and compiled to SQL. Made by `parseAudienceQuery`, written back by `canonicalAudienceQuery`.
 *
 * What a comparison means, in `evaluate.ts` and in SQL alike:
 * - A field that is absent or `null` is missing. A missing field satisfies only `not` and `exists: false`.
 * - `equals`, `not` and `in` compare by JSON type and value: 5 is not "5". A list equals a value that it contains.
 * - `before`, `after`, `gte` and `lte` compare numbers with numbers, and ISO 8601 dates or date-times with each
 *   other as instants; a date alone is its midnight in UTC, a date-time without offset is read in UTC. A number
 *   never matches a date, nor any other text.
 */
export type AudienceCondition = Combined<PersonCondition | SegmentCondition>;

/** A condition that can be asked of people: what segments stand for is written out. */
export type ResolvedAudience = Combined<PersonCondition>;

export type Combined<Leaf> =
  | { kind: 'everyone' }
  | { kind: 'all'; of: Combined<Leaf>[] }
  | { kind: 'any'; of: Combined<Leaf>[] }
  | { kind: 'not'; of: Combined<Leaf> }
  | Leaf;

export type AudienceLeaf = PersonCondition | SegmentCondition;

type PersonCondition =
  /** A list as a client writes it. It is bound to rids before it is stored: ids are often addresses. */
  | { kind: 'recipients'; ids: string[] }
  /**
   * The same list as it is stored: erasing somebody leaves a number that says nothing. `ids` are those of whom nobody
   * was known by then; erasure takes them out.
   */
  | { kind: 'people'; rids: string[]; ids: string[] }
  | AttributeCondition;

/** Everybody of `/v1/segments/:id`, as it stands when people are read. */
interface SegmentCondition {
  kind: 'segment';
  id: string;
}

export type AttributeCondition =
  | { kind: 'attribute'; attribute: string; op: 'equals' | 'not'; value: AudienceScalar }
  | { kind: 'attribute'; attribute: string; op: 'in'; value: AudienceScalar[] }
  | { kind: 'attribute'; attribute: string; op: ComparisonOp; value: number | string }
  | { kind: 'attribute'; attribute: string; op: 'exists'; value: boolean };

export type AudienceScalar = string | number | boolean;

/** Strictly earlier or less; strictly later or more; at least; at most. */
export type ComparisonOp = 'before' | 'after' | 'gte' | 'lte';

export type AudienceOp = AttributeCondition['op'];

export const AUDIENCE_OPS: readonly AudienceOp[] = [
  'equals',
  'not',
  'in',
  'before',
  'after',
  'gte',
  'lte',
  'exists',
];

/**
 * Fields of the person, not of `attributes`, and what may be asked of them. Addresses are encrypted, so that
 * only their existence can be asked; `timeZone` is the zone that counts (semantics.md "Whose time").
 */
export const BUILT_IN_FIELDS = {
  id: ['equals', 'not', 'in'],
  locale: ['equals', 'not', 'in', 'exists'],
  timeZone: ['equals', 'not', 'in'],
  email: ['exists'],
  phone: ['exists'],
  createdAt: ['before', 'after', 'gte', 'lte'],
} as const satisfies Record<string, readonly AudienceOp[]>;

export type BuiltInField = keyof typeof BUILT_IN_FIELDS;

export function isBuiltInField(name: string): name is BuiltInField {
  return Object.hasOwn(BUILT_IN_FIELDS, name);
}

export const AUDIENCE_LIMITS = {
  depth: 8,
  conditions: 100,
  recipients: 10_000,
  /** Of a query with all its segments written out. */
  expandedConditions: 1_000,
  expandedRecipients: 100_000,
  segmentDepth: 8,
  inValues: 1_000,
  /** UTF-16 units of an attribute name, a value or an id. */
  nameLength: 200,
  valueLength: 1_000,
} as const;
