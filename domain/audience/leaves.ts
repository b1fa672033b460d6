import type { AudienceCondition, AudienceLeaf, Combined } from './condition';

/** The same condition with each of its leaves replaced. */
export function mapLeaves<To>(
  condition: AudienceCondition,
  replace: (leaf: AudienceLeaf) => Combined<To>,
): Combined<To> {
  switch (condition.kind) {
    case 'everyone':
      return condition;
    case 'all':
      return { kind: 'all', of: condition.of.map((part) => mapLeaves(part, replace)) };
    case 'any':
      return { kind: 'any', of: condition.of.map((part) => mapLeaves(part, replace)) };
    case 'not':
      return { kind: 'not', of: mapLeaves(condition.of, replace) };
    case 'recipients':
    case 'people':
    case 'segment':
    case 'attribute':
      return replace(condition);
  }
}

/** Every leaf of a condition, in the order in which they stand. */
export function leavesOf(condition: AudienceCondition): AudienceLeaf[] {
  const leaves: AudienceLeaf[] = [];
  mapLeaves(condition, (leaf) => {
    leaves.push(leaf);
    return leaf;
  });
  return leaves;
}
