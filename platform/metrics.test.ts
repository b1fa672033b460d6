import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiMetrics, createWorkerMetrics } from './metrics';
import type { ApiMetrics, WorkerMetrics } from './metrics';
import { createStewardMetrics } from './steward-metrics';

const namesOf = ({ registry }: ApiMetrics | WorkerMetrics): string[] =>
  registry
    .getMetricsAsArray()
    .map(({ name }) => name)
    // What prom-client measures of any process.
    .filter((name) => !/^(process|nodejs)_/.test(name));

/** Those of its stewards included, as a worker's process has them. */
function workerMetrics(): WorkerMetrics {
  const metrics = createWorkerMetrics();
  createStewardMetrics(metrics.registry);
  return metrics;
}

it('no measurement has the same name in both kinds of process', () => {
  const names = [...namesOf(createApiMetrics()), ...namesOf(workerMetrics())];
  expect(names.length).toBeGreaterThan(8);
  expect(new Set(names).size).toBe(names.length);
});

it.each([
  ['api', createApiMetrics],
  ['worker', createWorkerMetrics],
] as const)('the %s measures its process, and says which kind it is', async (kind, create) => {
  const text = await create().registry.metrics();
  expect(text).toContain(`\nprocess_resident_memory_bytes{process="${kind}"} `);
  expect(text).toMatch(new RegExp(`\\nnodejs_eventloop_lag_p99_seconds\\{process="${kind}"\\} `));
});

it('docs/metrics.md says of every measurement which process serves it', async () => {
  const page = await readFile(join(__dirname, '..', 'docs', 'metrics.md'), 'utf8');
  const told = (process: string): string[] =>
    [...page.matchAll(new RegExp(`^\\| \`([a-z_]+)\` +\\| ${process} +\\|`, 'gm'))].map(
      ([, name]) => name ?? '',
    );
  expect(told('API').toSorted()).toEqual(namesOf(createApiMetrics()).toSorted());
  expect(told('worker').toSorted()).toEqual(namesOf(workerMetrics()).toSorted());
});
