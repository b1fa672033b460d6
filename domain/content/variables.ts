import type { CompiledTemplate } from './compiled-template';
import type { Edition } from './edition';
import { NO_PHRASES } from './phrases';
import type { Phrases } from './phrases';
import { lookUp, pathOf } from './scope';
import type { Scope } from './scope';

/** Names of all variables and sections that a template reads, in order of appearance; `.` is none. */
export function variablesOf(template: CompiledTemplate): string[] {
  const names = new Set<string>();
  const visit = (nodes: CompiledTemplate): void => {
    for (const node of nodes) {
      if (node.kind === 'text') continue;
      if (node.name !== '.') names.add(node.name);
      if (node.kind !== 'value') visit(node.body);
    }
  };
  visit(template);
  return [...names];
}

/**
 * The variables that stand in an edition for everybody to read, phrases included: without a value there is a hole in
 * the sentence. What stands within a section is not meant, because a section is how a template does without.
 */
export function plainVariablesOf({ fields, phrases }: Edition): string[] {
  const names = new Set<string>();
  const visit = (nodes: CompiledTemplate, known: Phrases): void => {
    for (const node of nodes) {
      if (node.kind !== 'value' || node.name === '.') continue;
      const phrase = known.get(node.phrase ?? '');
      if (phrase) visit(phrase, NO_PHRASES);
      else names.add(node.name);
    }
  };
  for (const field of Object.values(fields)) visit(field, phrases);
  return [...names];
}

/** Those of some variables that a person has no value for: absent and null count, an empty text does not. */
export function missingVariables(names: readonly string[], scope: Scope | null): string[] {
  return names.filter((name) => {
    const value = lookUp(scope, pathOf(name));
    return value === undefined || value === null;
  });
}
