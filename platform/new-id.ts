import { monotonicFactory } from 'ulid';

const next = monotonicFactory();

/** What an id names stands in front of it, so that a key is never taken for a schedule in a log. */
export type IdPrefix = 'sch' | 'tpl' | 'seg' | 'key' | 'job' | 'sup';

/** A new id that sorts by the time of its creation. */
export function newId(prefix: IdPrefix, now: number): string {
  return `${prefix}_${next(now)}`;
}
