import type { Hits } from './workflow-interceptor';

/**
 * @returns the code, which ends with its source map as a comment, and what it counts: every counter at zero, with
 * the places that they speak of, in the shape that Jest collects.
 */
export function instrument(source: string, file: string): { code: string; counters: Hits };
