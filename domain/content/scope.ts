/** What a template can read: the innermost frame first. Frames are parsed JSON. */
export interface Scope {
  readonly value: unknown;
  readonly outer: Scope | null;
}

/** Frames in the order in which they win. */
export function scopeOf(...frames: readonly unknown[]): Scope | null {
  return frames.reduceRight<Scope | null>((outer, value) => ({ value, outer }), null);
}

/** The parts of a name, of which a template reads the same ones for everybody; none for `.`, the current item. */
export type Path = readonly string[];

export function pathOf(name: string): Path {
  return name === '.' ? [] : name.split('.');
}

/**
 * Finds a path: its first part in the innermost frame that has it, the others within what was found.
 * Only own properties count, so that `constructor`, `__proto__` and methods do not exist.
 */
export function lookUp(scope: Scope | null, path: Path): unknown {
  const [first] = path;
  if (first === undefined) return scope?.value;
  for (let frame = scope; frame !== null; frame = frame.outer) {
    if (!hasOwn(frame.value, first)) continue;
    let value: unknown = frame.value[first];
    for (let part = 1; part < path.length; part += 1) value = own(value, path[part] ?? '');
    return value;
  }
  return undefined;
}

function hasOwn(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

function own(value: unknown, name: string): unknown {
  return hasOwn(value, name) ? value[name] : undefined;
}
