import {
  DefaultLogger,
  Runtime,
  Worker,
  bundleWorkflowCode,
  makeTelemetryFilterString,
} from '@temporalio/worker';
import type { ReplayWorkerOptions, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { urgentOptions, workerOptions } from '../../worker/worker';
import type { SundialWorkerDeps } from '../../worker/worker';
import { openWorkflowCoverage } from '../counters/workflow-coverage';

const coverage = openWorkflowCoverage();
const sinks = coverage === undefined ? {} : { sinks: coverage.sinks };
const quiet = new DefaultLogger('ERROR');

// A workflow task that fails on purpose, or a page that a test lets crash, is not worth a page of log.
Runtime.install({
  logger: quiet,
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows as the sandbox runs them, counted when coverage is asked for. Built once a test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    logger: quiet,
    ...coverage?.bundleOptions,
  });
  return bundle;
}

/** Sundial's own worker over that bundle. */
export async function testWorker(deps: Omit<SundialWorkerDeps, 'workflowBundle'>): Promise<Worker> {
  const options = workerOptions({ ...deps, workflowBundle: await workflowBundle() });
  return Worker.create({ ...options, ...sinks });
}

/** With the one of what is urgent. */
export async function testWorkers(deps: Omit<SundialWorkerDeps, 'workflowBundle'>): Promise<Worker[]> {
  const urgent = urgentOptions({ ...deps, workflowBundle: await workflowBundle() });
  return [await testWorker(deps), await Worker.create(urgent)];
}

/** The same for replaying histories. */
export async function replayOptions(): Promise<ReplayWorkerOptions> {
  return { workflowBundle: await workflowBundle(), ...sinks };
}

afterAll(() => coverage?.report());
