import { proxySinks } from '@temporalio/workflow';
import type { Sinks, WorkflowInterceptors } from '@temporalio/workflow';

/** How often each statement, function and branch of a file ran, by its number there. */
export interface Hits {
  readonly s: Record<string, number>;
  readonly f: Record<string, number>;
  readonly b: Record<string, number[]>;
}

export interface CoverageSinks extends Sinks {
  coverage: { count(hits: Record<string, Hits>): void };
}

const { coverage } = proxySinks<CoverageSinks>();

/**
 * Runs in the sandbox of every workflow. After each activation it hands out what ran in it: numbers alone, since the
 * places that they speak of, which lie beside them, are thirty times as large and never change.
 */
export function interceptors(): WorkflowInterceptors {
  return {
    internals: [
      {
        concludeActivation(input, next) {
          const counters: Record<string, Hits> = Reflect.get(globalThis, '__coverage__') ?? {};
          const taken = Object.entries(counters).map(([file, hits]) => [file, takeHits(hits)] as const);
          coverage.count(Object.fromEntries(taken.filter(([, hits]) => hasAny(hits))));
          return next(input);
        },
      },
    ],
  };
}

/** Sets the counters back, so that the next activation does not tell of this one again. */
function takeHits(counters: Hits): Hits {
  const taken: Hits = { s: {}, f: {}, b: {} };
  for (const kind of ['s', 'f'] as const) {
    for (const [number, count] of Object.entries(counters[kind])) {
      if (count === 0) continue;
      taken[kind][number] = count;
      counters[kind][number] = 0;
    }
  }
  for (const [number, counts] of Object.entries(counters.b)) {
    if (counts.every((count) => count === 0)) continue;
    taken.b[number] = [...counts];
    counts.fill(0);
  }
  return taken;
}

function hasAny({ s, f, b }: Hits): boolean {
  return [s, f, b].some((counters) => Object.keys(counters).length > 0);
}
