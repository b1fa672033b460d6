import { readFileSync } from 'node:fs';
import type { BundleOptions, InjectedSinks } from '@temporalio/worker';
import { instrument } from './instrument';
import type { CoverageSinks, Hits } from './workflow-interceptor';

const OURS = /\/(?:workflows|domain|activities)\/[^?]*\.ts$/;

/** Jest leaves its counters here when coverage is asked for. */
const jestCounters = (): Record<string, Hits> | undefined => Reflect.get(globalThis, '__coverage__');

/** Counts what runs in the sandbox of workflows, into which Jest does not see. */
export interface WorkflowCoverage {
  /** Those of the bundle, whose code then counts. */
  readonly bundleOptions: Pick<BundleOptions, 'workflowInterceptorModules' | 'webpackConfigHook'>;
  /** Take what the code counted. */
  readonly sinks: InjectedSinks<CoverageSinks>;
  /** Adds it to what Jest counts. */
  report(): void;
}

/** @returns undefined when nobody asks for coverage. */
export function openWorkflowCoverage(): WorkflowCoverage | undefined {
  const counters = jestCounters();
  if (counters === undefined) return undefined;
  const totals = new Map<string, Hits>();
  return {
    bundleOptions: {
      workflowInterceptorModules: [require.resolve('./workflow-interceptor')],
      webpackConfigHook: (config) => ({
        ...config,
        module: {
          ...config.module,
          // Before the types are stripped, as Jest's own transform does it: both then count the same places.
          rules: [
            ...(config.module?.rules ?? []),
            {
              test: OURS,
              exclude: [/\/node_modules\//, /\/test\//],
              enforce: 'pre',
              use: require.resolve('./webpack-loader'),
            },
          ],
        },
      }),
    },
    sinks: {
      coverage: {
        count: {
          fn: (_workflow, hits) => {
            for (const [file, more] of Object.entries(hits)) addHits(totalOf(totals, file), more);
          },
          callDuringReplay: false,
        },
      },
    },
    report() {
      for (const [file, hits] of totals) {
        counters[file] ??= instrument(readFileSync(file, 'utf8'), file).counters;
        addHits(counters[file], hits);
      }
      totals.clear();
    },
  };
}

function totalOf(totals: Map<string, Hits>, file: string): Hits {
  const known = totals.get(file);
  if (known) return known;
  const fresh = { s: {}, f: {}, b: {} };
  totals.set(file, fresh);
  return fresh;
}

function addHits(total: Hits, more: Hits): void {
  for (const kind of ['s', 'f'] as const) {
    for (const [number, count] of Object.entries(more[kind])) {
      total[kind][number] = (total[kind][number] ?? 0) + count;
    }
  }
  for (const [number, counts] of Object.entries(more.b)) {
    const before = total.b[number] ?? [];
    total.b[number] = counts.map((count, path) => count + (before[path] ?? 0));
  }
}
