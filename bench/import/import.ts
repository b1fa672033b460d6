import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { SECOND } from '../../domain/time/instant';
import type { Database } from '../../store/database';
import { listJobErrors } from '../../store/job-errors';
import type { Bench, BenchRun, Figures } from '../bench';
import { BenchStopped } from '../bench';
import { TENANT_ID } from '../people';
import { rounded } from '../rounded';
import { type Servers, withServers } from '../stack/servers';
import { startSundial, type Sundial } from '../stack/sundial';
import { watchMemory } from './memory';
import { brokenLines } from './people-file';
import { putSingly } from './single-puts';
import { uploadPeople } from './upload';

/** More would only take longer. */
const MOST_OF_BASELINE = 2_000;
const LOOK_EVERY_MS = 200;

export const importBench: Bench = {
  name: 'import',
  about: 'a CSV of people, one row in a hundred broken; against a PUT for each person, twenty at a time',
  size: {
    option: 'recipients',
    usual: 1_000_000,
    least: 200,
    most: 5_000_000,
    meaning: 'rows of the file',
  },
  run: (run) => withServers(run, (servers) => measure(run, servers)),
};

async function measure(run: BenchRun, servers: Servers): Promise<Figures> {
  const { size, profiling, interrupted } = run;
  const { addresses, db, keys } = servers;
  const sundial = await startSundial(servers, addresses.smtp, profiling);
  try {
    const endProfile = await profiling.begin(sundial.workerPid());
    const memory = await watchMemory(sundial);
    const [workerBefore, apiBefore] = await Promise.all([sundial.workerUsage(), sundial.apiUsage()]);
    const began = performance.now();
    const jobId = await uploadPeople(sundial.apiUrl, keys.admin, size, interrupted);
    const accepted = performance.now();
    const failed = await untilOver(run, sundial, jobId);
    const over = performance.now();
    const [workerAfter, apiAfter] = await Promise.all([sundial.workerUsage(), sundial.apiUsage()]);
    const { worker, api } = await memory.end();
    await endProfile();
    await expectWhole(db, jobId, size);
    const baseline = await putSingly(sundial.api, Math.min(size, MOST_OF_BASELINE), interrupted);
    const perSecond = rounded(size / ((over - began) / SECOND), 0);
    return {
      perSecond,
      rows: size,
      failed,
      uploadSeconds: rounded((accepted - began) / SECOND, 1),
      importSeconds: rounded((over - accepted) / SECOND, 1),
      workerCpuUs: rounded((workerAfter.cpuUs - workerBefore.cpuUs) / size, 1),
      apiCpuUs: rounded((apiAfter.cpuUs - apiBefore.cpuUs) / size, 1),
      workerRssMb: worker,
      apiRssMb: api,
      baselinePerSecond: baseline,
      ratio: rounded(perSecond / baseline, 1),
    };
  } finally {
    await sundial.close();
  }
}

const jobAnswer = z.object({
  status: z.string(),
  progress: z.object({ done: z.int(), total: z.int(), failed: z.int() }),
});

/** How many rows the job refused. */
async function untilOver({ screen, interrupted }: BenchRun, { api }: Sundial, id: string): Promise<number> {
  for (;;) {
    const { status, progress } = await api.ask({
      method: 'GET',
      route: `/v1/jobs/${id}`,
      answer: jobAnswer,
    });
    screen.progress({ label: 'Imported', done: progress.done, total: progress.total, note: '' });
    if (status === 'completed') return progress.failed;
    if (status !== 'running') throw new BenchStopped(`The job is ${status}.`);
    await sleep(LOOK_EVERY_MS, undefined, { signal: interrupted });
  }
}

/** Everybody whose row was right is there, and each broken row is told with its line and column. */
async function expectWhole(db: Database, jobId: string, size: number): Promise<void> {
  const broken = brokenLines(size);
  const { rows } = await db.pool.query<{ people: number }>(
    'select count(*)::int as people from recipient where tenant_id = $1',
    [TENANT_ID],
  );
  if (rows[0]?.people !== size - broken.length)
    throw new BenchStopped(`${size - broken.length} people should be there, not ${rows[0]?.people}.`);
  const told = await listJobErrors({ pool: db.pool }, jobId, { limit: broken.length + 1, after: null });
  const right = told.items.every(
    ({ line, column, code }, index) =>
      line === broken[index] && column === 'email' && code === 'email.invalid',
  );
  if (!right || told.items.length !== broken.length)
    throw new BenchStopped(`${broken.length} broken rows should be told, each with its line and column.`);
}
