import { createFairLine } from '../domain/delivery/fair-line';
import type { Party } from '../domain/delivery/fair-line';
import { DEFAULT_PRIORITY } from '../domain/delivery/priority';

/** Lets at most so many tasks run at once; the others wait in line. */
export interface Lane {
  run<T>(task: () => Promise<T>): Promise<T>;
}

/** The places of one provider, shared by everything that a process sends through it. */
export interface SharedLane {
  /** The lane as one party sees it: whose turn comes next is domain/delivery/fair-line.ts. */
  of(party: Party): Lane;
}

export function createSharedLane(width: number): SharedLane {
  const line = createFairLine<() => void>();
  let running = 0;

  return {
    of: (party) => ({
      async run(task) {
        if (running < width) running += 1;
        // Whoever leaves hands over the place without giving it up: nobody overtakes.
        else await new Promise<void>((enter) => line.join(enter, party));
        try {
          return await task();
        } finally {
          const next = line.next();
          if (next) next();
          else running -= 1;
        }
      },
    }),
  };
}

/** A lane of one party alone. */
export function createLane(width: number): Lane {
  return createSharedLane(width).of({ tenantId: 0, priority: DEFAULT_PRIORITY });
}
