import { canonicalAudienceQuery } from '../../domain/audience/canonical';
import type { AudienceCondition } from '../../domain/audience/condition';
import { ridsIn } from '../../domain/audience/people';
import { isObject } from '../../domain/audience/text';
import { shownQuery } from '../../domain/audience/written-query';
import { idsOfRecipients } from '../../store/recipient-ids';
import type { Caller } from '../http/route';

/** The own ids of people by rid, for as long as they are not erased. */
export type Names = ReadonlyMap<string, string>;

/** The names of everybody whom some stored conditions name. */
export function namesIn(
  { db, principal }: Pick<Caller, 'db' | 'principal'>,
  conditions: readonly AudienceCondition[],
): Promise<Names> {
  return idsOfRecipients(db, principal.tenantId, [...new Set(conditions.flatMap(ridsIn))]);
}

/** A stored query as its client knows it: as written, or in its canonical form where that cannot be kept. */
export function audienceQueryShown(
  query: unknown,
  condition: AudienceCondition,
  names: Names,
): Record<string, unknown> {
  return isObject(query) ? shownQuery(query, names) : canonicalAudienceQuery(condition, names);
}
