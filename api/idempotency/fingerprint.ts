import { createHash } from 'node:crypto';
import type { Route } from '../http/route';

/** What makes two requests the same. `If-Match` is not among it: who repeats a write may have read anew meanwhile. */
export interface Asked {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** Under which path a route was called and how its body's members were ordered makes no difference. */
export function fingerprintOf({ method, path }: Pick<Route, 'method' | 'path'>, asked: Asked): string {
  const { params, query, body = null } = asked;
  const text = JSON.stringify([method, path, params, query, body], sorted);
  return createHash('sha256').update(text).digest('base64');
}

function sorted(_name: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
}
