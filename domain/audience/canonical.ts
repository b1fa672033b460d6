import type { AudienceCondition } from './condition';

/**
 * The canonical query of a condition, which previews echo: `{}`, `{ all|any }`, `{ not }`, `{ recipients }` or
 * `{ attribute, op, value }`. Reading it gives the same condition again.
 */
export function canonicalAudienceQuery(condition: AudienceCondition): Record<string, unknown> {
  switch (condition.kind) {
    case 'everyone':
      return {};
    case 'all':
      return { all: condition.of.map(canonicalAudienceQuery) };
    case 'any':
      return { any: condition.of.map(canonicalAudienceQuery) };
    case 'not':
      return { not: canonicalAudienceQuery(condition.of) };
    case 'recipients':
      return { recipients: [...condition.ids] };
    case 'attribute':
      return { attribute: condition.attribute, op: condition.op, value: condition.value };
  }
}
