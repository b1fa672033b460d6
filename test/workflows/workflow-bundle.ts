import { WorkflowCoverage } from '@temporalio/nyc-test-coverage';
import {
  DefaultLogger,
  Runtime,
  Worker,
  bundleWorkflowCode,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import type { ReplayWorkerOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { workerOptions } from '../../worker/worker';
import type { SundialWorkerDeps } from '../../worker/worker';

const coverage = new WorkflowCoverage();
const quiet = new DefaultLogger('ERROR');

// A workflow task that fails on purpose, or a page that a test lets crash, is not worth a page of log.
Runtime.install({
  logger: quiet,
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows as the sandbox runs them, counted when coverage is asked for. Built once a test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode(
    coverage.augmentBundleOptions({ workflowsPath: require.resolve('../../workflows'), logger: quiet }),
  );
  return bundle;
}

/** Sundial's own worker over that bundle. */
export async function testWorker(deps: Omit<SundialWorkerDeps, 'workflowBundle'>): Promise<Worker> {
  const options = workerOptions({ ...deps, workflowBundle: await workflowBundle() });
  return Worker.create(coverage.augmentWorkerOptionsWithBundle(options));
}

/** The same for replaying histories. */
export async function replayOptions(): Promise<ReplayWorkerOptions> {
  return coverage.augmentWorkerOptionsWithBundle({
    taskQueue: 'replay',
    workflowBundle: await workflowBundle(),
  });
}

afterAll(() => {
  // The bundle holds rules of domain/ as well, which jest counts by itself and in another shape.
  coverage.coverageMapsData = coverage.coverageMapsData.map((counted) =>
    Object.fromEntries(Object.entries(counted).filter(([file]) => file.includes('/workflows/'))),
  );
  coverage.mergeIntoGlobalCoverage();
  // It leaves objects with methods there, which do not survive the way from a jest worker to jest.
  const merged: unknown = Reflect.get(globalThis, '__coverage__');
  if (merged !== undefined) Reflect.set(globalThis, '__coverage__', JSON.parse(JSON.stringify(merged)));
});
