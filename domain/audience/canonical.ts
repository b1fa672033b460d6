import type { AudienceCondition } from './condition';

/**
 * The canonical query of a condition, which previews echo: `{}`, `{ all|any }`, `{ not }`, `{ recipients }`,
 * `{ segment }` or `{ attribute, op, value }`. Reading it gives the same condition again.
 * @param names the own ids of people by rid: who is missing was erased and is left out.
 */
export function canonicalAudienceQuery(
  condition: AudienceCondition,
  names: ReadonlyMap<string, string> = new Map(),
): Record<string, unknown> {
  const written = (part: AudienceCondition): Record<string, unknown> => canonicalAudienceQuery(part, names);
  switch (condition.kind) {
    case 'everyone':
      return {};
    case 'all':
      return { all: condition.of.map(written) };
    case 'any':
      return { any: condition.of.map(written) };
    case 'not':
      return { not: written(condition.of) };
    case 'recipients':
      return { recipients: [...condition.ids] };
    case 'people': {
      const recipients = [...condition.rids.flatMap((rid) => names.get(rid) ?? []), ...condition.ids];
      // A list of nobody is no query; the opposite of everybody is.
      return recipients.length > 0 ? { recipients } : { not: {} };
    }
    case 'segment':
      return { segment: condition.id };
    case 'attribute':
      return { attribute: condition.attribute, op: condition.op, value: condition.value };
  }
}
