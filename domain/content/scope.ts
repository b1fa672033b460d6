/** What a template can read: the innermost frame first. Frames are parsed JSON. */
export interface Scope {
  readonly value: unknown;
  readonly outer: Scope | null;
}

/** Frames in the order in which they win. */
export function scopeOf(...frames: readonly unknown[]): Scope | null {
  return frames.reduceRight<Scope | null>((outer, value) => ({ value, outer }), null);
}

/**
 * Finds a dotted path: the first part in the innermost frame that has it, the others within what was found.
 * Only own properties count, so that `constructor`, `__proto__` and methods do not exist.
 */
export function lookUp(scope: Scope | null, name: string): unknown {
  if (name === '.') return scope?.value;
  const [first = '', ...rest] = name.split('.');
  for (let frame = scope; frame !== null; frame = frame.outer) {
    if (hasOwn(frame.value, first)) {
      return rest.reduce((value, part) => own(value, part), own(frame.value, first));
    }
  }
  return undefined;
}

function hasOwn(value: unknown, name: string): value is object {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

function own(value: unknown, name: string): unknown {
  return hasOwn(value, name) ? (Reflect.get(value, name) as unknown) : undefined;
}
