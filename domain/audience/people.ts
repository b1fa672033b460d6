import type { AudienceCondition, AudienceLeaf } from './condition';
import { leavesOf, mapLeaves } from './leaves';

/**
 * Replaces the ids by which a condition names people by their rids: a stored condition outlives people, and their own
 * ids, often addresses, must not outlive them in it. Ids without a rid stay until somebody is erased under them.
 */
export function bindPeople(
  condition: AudienceCondition,
  rids: ReadonlyMap<string, string>,
): AudienceCondition {
  return mapLeaves(condition, (leaf): AudienceCondition => {
    const named = idsIn(leaf);
    if (named === null) return leaf;
    const people: AudienceCondition = {
      kind: 'people',
      rids: [...new Set(named.flatMap((id) => rids.get(id) ?? []))],
      ids: [...new Set(named.filter((id) => !rids.has(id)))],
    };
    return leaf.kind === 'attribute' && leaf.op === 'not' ? { kind: 'not', of: people } : people;
  });
}

/** A condition that does not name a person any more who is being erased. */
export function forgetPerson(condition: AudienceCondition, id: string): AudienceCondition {
  return mapLeaves(bindPeople(condition, new Map()), (leaf) =>
    leaf.kind === 'people' ? { ...leaf, ids: leaf.ids.filter((one) => one !== id) } : leaf,
  );
}

/** The rids of everybody whom a stored condition names. */
export function ridsIn(condition: AudienceCondition): string[] {
  return leavesOf(condition).flatMap((leaf) => (leaf.kind === 'people' ? leaf.rids : []));
}

/** The people that a condition names by their own ids alone; null when it names none so. */
function idsIn(leaf: AudienceLeaf): readonly string[] | null {
  if (leaf.kind === 'recipients') return leaf.ids;
  if (leaf.kind !== 'attribute' || leaf.attribute !== 'id') return null;
  return Array.isArray(leaf.value) ? leaf.value.map(String) : [String(leaf.value)];
}
