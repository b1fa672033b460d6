import type { CompiledTemplate } from './compiled-template';
import { lookUp } from './scope';
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

/** Those of the required variables that a person has no value for: absent and null count, an empty text does not. */
export function missingVariables(required: readonly string[], scope: Scope | null): string[] {
  return required.filter((name) => {
    const value = lookUp(scope, name);
    return value === undefined || value === null;
  });
}
