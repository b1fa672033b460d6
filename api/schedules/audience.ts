import type { AudienceCondition } from '../../domain/audience/condition';
import { parseAudienceQuery } from '../../domain/audience/parse';
import type { Checked } from '../../domain/validation/check';

/** Reads an audience query; pointers lead to it from the root of the request. */
export function readAudience(query: unknown, base = ''): Checked<AudienceCondition> {
  const parsed = parseAudienceQuery(query);
  if (parsed.kind === 'ok') return { kind: 'ok', value: parsed.condition };
  const errors = parsed.errors.map((error) => ({
    ...error,
    pointer: `${base}/audienceQuery${error.pointer}`,
  }));
  return { kind: 'refused', errors };
}
