import { URGENT } from './priority';
import type { Priority } from './priority';

/** Whose turn it is in a line. */
export interface Party {
  readonly tenantId: number;
  readonly priority: Priority;
}

/**
 * A line in which nobody's crowd delays others: who is urgent comes first; within either class tenants take turns,
 * however many each has waiting; of one tenant the more pressing come first, and of these whoever came first.
 */
export interface FairLine<T> {
  join(one: T, party: Party): void;
  /** Takes out whoever is next; undefined when nobody waits. */
  next(): T | undefined;
}

/** While others wait, so many urgent ones in a row: who calls everything urgent still leaves the others some turns. */
const URGENT_IN_A_ROW = 9;

export function createFairLine<T>(): FairLine<T> {
  const urgent = createRota<T>();
  const others = createRota<T>();
  let inARow = 0;

  return {
    join(one, party) {
      (party.priority === URGENT ? urgent : others).join(one, party);
    },
    next() {
      if (urgent.waits() && (inARow < URGENT_IN_A_ROW || !others.waits())) {
        inARow += 1;
        return urgent.next();
      }
      inARow = 0;
      return others.next();
    },
  };
}

interface Rota<T> extends FairLine<T> {
  waits(): boolean;
}

/** Tenants in turn. */
function createRota<T>(): Rota<T> {
  /** Those who wait, by tenant and priority. A tenant without anybody is not in it: a map keeps the order of turns. */
  const waiting = new Map<number, Map<Priority, T[]>>();

  return {
    waits: () => waiting.size > 0,
    join(one, { tenantId, priority }) {
      const ofTenant = waiting.get(tenantId) ?? new Map<Priority, T[]>();
      waiting.set(tenantId, ofTenant);
      const alike = ofTenant.get(priority);
      if (alike) alike.push(one);
      else ofTenant.set(priority, [one]);
    },
    next() {
      for (const [tenantId, ofTenant] of waiting) {
        const first = Math.min(...ofTenant.keys()) as Priority;
        const alike = ofTenant.get(first) ?? [];
        const one = alike.shift();
        if (alike.length === 0) ofTenant.delete(first);
        // To the end of the line of tenants.
        waiting.delete(tenantId);
        if (ofTenant.size > 0) waiting.set(tenantId, ofTenant);
        return one;
      }
      return undefined;
    },
  };
}
