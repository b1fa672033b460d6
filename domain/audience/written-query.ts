import type { AudienceCondition } from './condition';
import { leavesOf } from './leaves';
import { isObject } from './text';

/** A query as it is kept to be shown again: in lists, `{ rid }` stands for a person's own id. */
type KeptQuery = Record<string, unknown>;

/**
 * A query as its client wrote it, without the ids of people who exist. Null where it names them by a comparison of
 * `id`: what such a query says when somebody is erased only its canonical form can say.
 * @param condition what the query was read as.
 */
export function keepQuery(
  query: Record<string, unknown>,
  condition: AudienceCondition,
  rids: ReadonlyMap<string, string>,
): KeptQuery | null {
  const comparesIds = leavesOf(condition).some(
    (leaf) => leaf.kind === 'attribute' && leaf.attribute === 'id',
  );
  if (comparesIds) return null;
  return mapLists(query, (ids) => ({
    recipients: ids.map((id) => {
      const rid = rids.get(String(id));
      return rid === undefined ? id : { rid };
    }),
  }));
}

/** The query as its client knows it, without those who were erased. @param names own ids by rid. */
export function shownQuery(kept: KeptQuery, names: ReadonlyMap<string, string>): Record<string, unknown> {
  return mapLists(kept, (people) => {
    const recipients = people.flatMap((person) =>
      isObject(person) ? (names.get(String(person['rid'])) ?? []) : [person],
    );
    // A list of nobody is no query; the opposite of everybody is.
    return recipients.length > 0 ? { recipients } : { not: {} };
  });
}

/** Replaces every `{ recipients: [...] }`; what else stands in a query holds no people. */
function mapLists(
  query: Record<string, unknown>,
  replace: (people: readonly unknown[]) => Record<string, unknown>,
): Record<string, unknown> {
  const inner = (part: unknown): unknown => (isObject(part) ? mapLists(part, replace) : part);
  const { all, any, not, recipients } = query;
  if (Array.isArray(all)) return { all: all.map(inner) };
  if (Array.isArray(any)) return { any: any.map(inner) };
  if (isObject(not)) return { not: inner(not) };
  return Array.isArray(recipients) ? replace(recipients) : query;
}
